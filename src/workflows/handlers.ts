import { ApplicationFailure, log, setHandler } from '@temporalio/workflow';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { problemsOf, describeProblems, type Schema } from '../contract/check.js';
import { FailureType, type UpdateRefusedDetails } from '../contract/failures.js';
import {
  changeExpiryUpdate,
  deliveredSignal,
  MAX_EVENT_ID,
  MAX_SEND_TIME,
  optedOutSignal,
  readSignal,
  repliedSignal,
  revokeNowUpdate,
  smsStatusSignal,
  statusQuery,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
  type OptedOutSignal,
  type RbmEventSignal,
  type SmsStatusSignal,
} from '../contract/messages.js';
import { inputSchema } from '../contract/generated/input-schema.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import type { DeliveryStatus } from '../contract/status.js';
import type { EventEvidence, RbmEventKind } from '../domain/evidence.js';
import { isFromAnotherNumber, isNewEvidence } from '../domain/new-evidence.js';
import { statusOf, whyTooLate } from '../domain/report.js';
import { snapshotOf } from '../domain/snapshot.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal.js';
import { measureOtherSender } from './metrics.js';

const EVENT: Schema = {
  type: 'object',
  properties: {
    eventId: { type: 'string', minLength: 1, maxLength: MAX_EVENT_ID },
    sendTime: { type: 'string', minLength: 1, maxLength: MAX_SEND_TIME },
  },
  required: ['eventId', 'sendTime'],
};
const SMS_STATUS: Schema = {
  ...EVENT,
  properties: { ...EVENT.properties, status: { type: 'string', enum: ['SENT', 'DELIVERED', 'UNDELIVERED'] } },
  required: ['eventId', 'sendTime', 'status'],
};
const REVOKE_NOW: Schema = {
  type: 'object',
  properties: {
    reason: { type: 'string', minLength: 1, maxLength: 200 },
    fallback: { type: 'string', enum: ['sms', 'none'] },
  },
  required: ['reason', 'fallback'],
  additionalProperties: false,
};
const CHANGE_EXPIRY: Schema = {
  type: 'object',
  properties: { expireTime: { ...inputSchema.properties?.['expireTime'] } },
  required: ['expireTime'],
  additionalProperties: false,
};

const OPTED_OUT: Schema = {
  type: 'object',
  properties: {
    source: { type: 'string', minLength: 1, maxLength: 100 },
    sendTime: { type: 'string', minLength: 1, maxLength: MAX_SEND_TIME },
  },
  required: ['source', 'sendTime'],
};

/**
 * Sets the handlers of signals, query and updates. All are synchronous, so an event is evidence before the next
 * decision.
 */
export function handleMessages(journal: Journal, clock: Clock): void {
  const { input, honorsOptOut } = journal.delivery.plan;

  /** Copies only the fields of the contract: nothing else of a payload becomes evidence. */
  const rbmEvent =
    (kind: RbmEventKind) =>
    ({ eventId, sendTime, from }: RbmEventSignal): EventEvidence => {
      if (!isFromAnotherNumber(from, input.recipient)) return { kind, eventId, sendTime };
      log.warn('event ignored: it came from another number than the recipient', { event: kind, eventId });
      measureOtherSender(kind);
      return { kind: 'otherSender', event: kind, eventId, sendTime };
    };

  onEvent(deliveredSignal, EVENT, rbmEvent('delivered'));
  onEvent(readSignal, EVENT, rbmEvent('read'));
  onEvent(repliedSignal, EVENT, rbmEvent('replied'));
  onEvent(ttlExpirationRevokedSignal, EVENT, rbmEvent('ttlExpirationRevoked'));
  onEvent(ttlExpirationRevokeFailedSignal, EVENT, rbmEvent('ttlExpirationRevokeFailed'));
  onEvent(smsStatusSignal, SMS_STATUS, ({ eventId, sendTime, status: said }) => ({
    kind: 'smsStatus',
    status: said,
    eventId,
    sendTime,
  }));
  onEvent(optedOutSignal, OPTED_OUT, ({ source, sendTime }) =>
    honorsOptOut ? { kind: 'optedOut', source, sendTime } : undefined,
  );
  // No default handler: with one, a signal under a reserved name (__temporal_…) fails every later workflow task.

  setHandler(statusQuery, status);
  onUpdate(revokeNowUpdate, REVOKE_NOW, {
    refuse: ({ fallback }) =>
      fallback === 'sms' && journal.delivery.plan.input.fallback === undefined
        ? 'fallback: this delivery has no SMS'
        : undefined,
    apply: ({ reason, fallback }) => {
      journal.learn({ kind: 'revokeRequested', reason, fallback });
    },
  });
  onUpdate(changeExpiryUpdate, CHANGE_EXPIRY, {
    refuse: ({ expireTime }) => {
      const left = Date.parse(expireTime) - Date.now();
      if (!(left > 0)) return 'expireTime: must be in the future';
      return left > MAX_TTL_MS ? 'expireTime: must be within 15 days' : undefined;
    },
    apply: ({ expireTime }) => {
      journal.learn({ kind: 'expiryChanged', expiresAt: Date.parse(expireTime) });
    },
  });

  function status(): DeliveryStatus {
    return statusOf(journal.snapshot());
  }

  /** A bad payload is ignored with a warning: it must never block the delivery. */
  function onEvent<Payload extends RbmEventSignal | SmsStatusSignal | OptedOutSignal>(
    definition: SignalDefinition<[Payload]>,
    schema: Schema,
    toEvidence: (event: Payload) => EventEvidence | undefined,
  ): void {
    setHandler(definition, (payload: Payload) => {
      const problems = problemsOf(schema, payload);
      if (problems.length > 0) {
        log.warn('signal ignored: bad payload', { signal: definition.name, problems: describeProblems(problems) });
        return;
      }
      const event = toEvidence(payload);
      clock.eventCame();
      if (event !== undefined && isNewEvidence(journal.delivery.facts, event)) journal.learn(event);
    });
  }

  /** A refused update leaves no trace in the history. The caller gets an UpdateRefused. */
  function onUpdate<Input>(
    definition: UpdateDefinition<DeliveryStatus, [Input]>,
    schema: Schema,
    { refuse, apply }: { refuse: (input: Input) => string | undefined; apply: (input: Input) => void },
  ): void {
    const handler = (input: Input): DeliveryStatus => {
      clock.eventCame();
      apply(input);
      return status();
    };
    // A validator does not run on a replay, so it uses Temporal's time and must not change the clock.
    const validator = (input: Input): void => {
      const problems = problemsOf(schema, input);
      const invalid = problems.length > 0 ? describeProblems(problems) : refuse(input);
      const why =
        invalid === undefined
          ? whyTooLate(snapshotOf(journal.delivery, Date.now()))
          : ({ refusal: 'invalid', reason: invalid } as const);
      if (why === undefined) return;
      const details: UpdateRefusedDetails = { refusal: why.refusal };
      throw ApplicationFailure.nonRetryable(
        `${definition.name} refused: ${why.reason}`,
        FailureType.UpdateRefused,
        details,
      );
    };
    setHandler(definition, handler, { validator });
  }
}
