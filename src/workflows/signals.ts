import { log, patched } from '@temporalio/workflow';
import { isFromAnotherNumber } from '../contract/another-number.js';
import { describeProblems, problemsOf, withoutNulls, type Schema } from '../contract/check.js';
import {
  deliveredSignal,
  MAX_EVENT_ID,
  MAX_SEND_TIME,
  optedOutSignal,
  readSignal,
  repliedSignal,
  smsStatusSignal,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
  type OptedOutSignal,
  type RbmEventSignal,
  type SmsStatusSignal,
} from '../contract/messages.js';
import type { EventEvidence, RbmEventKind } from '../domain/evidence.js';
import type { Plan } from '../domain/plan.js';
import { measureIgnored } from './metrics.js';

/**
 * What a signal is evidence of. Undefined if the delivery does not heed it, or for a bad payload, which is ignored with a
 * warning: it must never block the delivery.
 */
export type SignalReader = (name: string, payload: unknown) => EventEvidence | undefined;

interface Signal {
  readonly name: string;
  readonly schema: Schema;
  /** Copies only the fields of the contract: nothing else of a payload becomes evidence. */
  read(payload: unknown, plan: Plan): EventEvidence | undefined;
}

const text = (maxLength: number): Schema => ({ type: 'string', minLength: 1, maxLength });
const EVENT: Schema = {
  type: 'object',
  properties: { eventId: text(MAX_EVENT_ID), sendTime: text(MAX_SEND_TIME) },
  required: ['eventId', 'sendTime'],
};
const SMS_STATUS: Schema = {
  ...EVENT,
  properties: { ...EVENT.properties, status: { type: 'string', enum: ['SENT', 'DELIVERED', 'UNDELIVERED'] } },
  required: ['eventId', 'sendTime', 'status'],
};
const OPTED_OUT: Schema = {
  type: 'object',
  properties: { source: text(100), sendTime: text(MAX_SEND_TIME) },
  required: ['source', 'sendTime'],
};

const rbmEvent = ({ name }: { readonly name: string }, kind: RbmEventKind): Signal => ({
  name,
  schema: EVENT,
  read(payload, { input }) {
    const { eventId, sendTime, from } = payload as RbmEventSignal;
    if (isFromAnotherNumber(from, input.recipient)) return { kind: 'otherSender', event: kind, eventId, sendTime };
    return { kind, eventId, sendTime };
  },
});

const SIGNALS: readonly Signal[] = [
  rbmEvent(deliveredSignal, 'delivered'),
  rbmEvent(readSignal, 'read'),
  rbmEvent(repliedSignal, 'replied'),
  rbmEvent(ttlExpirationRevokedSignal, 'ttlExpirationRevoked'),
  rbmEvent(ttlExpirationRevokeFailedSignal, 'ttlExpirationRevokeFailed'),
  {
    name: smsStatusSignal.name,
    schema: SMS_STATUS,
    read(payload) {
      const { eventId, sendTime, status } = payload as SmsStatusSignal;
      const mayBeCorrected = status === 'UNDELIVERED' && patched('undelivered-may-be-corrected');
      return { kind: 'smsStatus', status, eventId, sendTime, ...(mayBeCorrected && { mayBeCorrected }) };
    },
  },
  {
    name: optedOutSignal.name,
    schema: OPTED_OUT,
    read(payload, { honorsOptOut, input }) {
      const { source, sendTime } = payload as OptedOutSignal;
      // Whether a message without a traffic type honours it is known once a worker has looked up the agent's type.
      const mayCount = honorsOptOut || input.messageTrafficType === undefined;
      return mayCount ? { kind: 'optedOut', source, sendTime } : undefined;
    },
  },
];

/** The signals that a delivery takes. */
export const SIGNAL_NAMES: readonly string[] = SIGNALS.map(({ name }) => name);

export function createSignalReader(plan: Plan): SignalReader {
  return (name, given) => {
    const signal = SIGNALS.find((one) => one.name === name);
    if (signal === undefined) return undefined;
    const payload = withoutNulls(signal.schema, given);
    const problems = problemsOf(signal.schema, payload);
    if (problems.length === 0) return signal.read(payload, plan);
    measureIgnored(name, 'invalid');
    log.warn('signal ignored: bad payload', { signal: name, problems: describeProblems(problems) });
    return undefined;
  };
}
