import { describeProblems, isObject, problemsOf, withoutNulls, type Problem, type Schema } from './check.js';
import { DURATION_PATTERN } from './duration.js';
import { workflowIdFor } from './ids.js';
import { notificationIdFor, type MessageNotificationInput } from './notification.js';
import { AGENT_ID_PATTERN, CAMPAIGN_ID_PATTERN, NOTIFY_URL_PATTERN, UUID_PATTERN } from './patterns.js';
import { END_REASONS, FALLBACK_REASONS, OUTCOMES, PHASES } from './status.js';

const text = (pattern: RegExp, maxLength = 512): Schema => ({ type: 'string', pattern: pattern.source, maxLength });
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const PRINTABLE = /^[\x20-\x7e]*$/;
const time = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);

const sms = object(
  {
    reason: oneOf(...FALLBACK_REASONS),
    provider: text(PRINTABLE),
    providerMessageId: text(PRINTABLE),
    accepted: oneOf('yes', 'no', 'unknown'),
    requestedTime: time,
    deadline: time,
    lateness: text(DURATION_PATTERN),
    validUntil: time,
    receipt: oneOf('SENT', 'DELIVERED', 'UNDELIVERED'),
  },
  ['reason', 'provider', 'providerMessageId', 'receipt'],
);

/** `sequence` is a number, which this schema language has no type for. `null` counts as absent. */
const data = object(
  {
    agentId: text(AGENT_ID_PATTERN),
    messageId: text(UUID_PATTERN),
    campaignId: text(CAMPAIGN_ID_PATTERN),
    status: oneOf(...PHASES, ...OUTCOMES),
    outcome: oneOf(...OUTCOMES),
    channel: oneOf('RCS', 'SMS'),
    duplicate: { type: 'boolean' },
    expireTime: time,
    reason: oneOf(...END_REASONS),
    sms,
  },
  ['campaignId', 'outcome', 'channel', 'reason', 'sms'],
);

const SCHEMA = object({
  url: text(NOTIFY_URL_PATTERN, 2048),
  id: text(PRINTABLE),
  notification: object({ type: oneOf('delivery.phase', 'delivery.settled'), timestamp: time, data }),
});

/** Every problem of the input of `messageNotification`; empty if it has the contract's fields, all of them and no other. */
export function notificationProblems(input: unknown): readonly Problem[] {
  const { sequence, rest } = withoutSequence(input);
  const problems = problemsOf(SCHEMA, withoutNulls(SCHEMA, rest));
  if (problems.length > 0) return problems;
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 1)
    return [{ field: 'notification.data.sequence', problem: 'must be a whole number from 1' }];
  const { id, notification } = input as MessageNotificationInput;
  return id === notificationIdFor(notification)
    ? []
    : [{ field: 'id', problem: 'must be {agentId}:{messageId}:{sequence}:{status} of the notification' }];
}

/** The workflow id of the delivery that a valid notification is about. */
export const deliveryOfNotification = ({ notification: { data } }: MessageNotificationInput): string =>
  workflowIdFor(data);

export const describeNotificationProblems = (problems: readonly Problem[]): string =>
  `The notification is not valid. ${describeProblems(problems)}`;

function withoutSequence(input: unknown): { readonly sequence?: unknown; readonly rest: unknown } {
  if (!isObject(input) || !isObject(input['notification'])) return { rest: input };
  const { notification } = input;
  if (!isObject(notification['data'])) return { rest: input };
  const { sequence, ...data } = notification['data'];
  return { sequence, rest: { ...input, notification: { ...notification, data } } };
}
