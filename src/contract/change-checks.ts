import { describeProblems, problemsOf, withoutNulls, type Schema } from './check.js';
import { inputSchema } from './generated/input-schema.js';
import type { MessageDeliveryInput } from './input.js';
import type { ChangeExpiryInput, RevokeNowInput } from './messages.js';
import { MAX_TTL_MS } from './rbm.js';

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

/** Why the argument of `revokeNow` is invalid for this delivery; undefined if it is valid. */
export function whyInvalidRevokeNow(change: RevokeNowInput, input: MessageDeliveryInput): string | undefined {
  const problem = problemIn(REVOKE_NOW, change);
  if (problem !== undefined) return problem;
  const hasNoSms = change.fallback === 'sms' && input.fallback === undefined;
  return hasNoSms ? 'fallback: this delivery has no SMS' : undefined;
}

/** Why the argument of `changeExpiry` is invalid at `now` (epoch milliseconds); undefined if it is valid. */
export function whyInvalidChangeExpiry(change: ChangeExpiryInput, now: number): string | undefined {
  const problem = problemIn(CHANGE_EXPIRY, change);
  if (problem !== undefined) return problem;
  const left = Date.parse(change.expireTime) - now;
  if (!(left > 0)) return 'expireTime: must be in the future';
  return left > MAX_TTL_MS ? 'expireTime: must be within 15 days' : undefined;
}

function problemIn(schema: Schema, change: unknown): string | undefined {
  const problems = problemsOf(schema, withoutNulls(schema, change));
  return problems.length > 0 ? describeProblems(problems) : undefined;
}
