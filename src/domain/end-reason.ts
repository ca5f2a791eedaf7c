import type { EndReason } from '../contract/status.js';
import type { Instant } from './plan.js';
import { isDelivered, isRefused } from './rcs.js';
import type { Rcs } from './rcs-facts.js';

/** Why the RCS leg ended without a delivery: what came first. Undefined while it lasts, and if the message was delivered. */
export function endReasonOf(rcs: Rcs, now: Instant): EndReason | undefined {
  if (isDelivered(rcs)) return undefined;
  const { revokeEarly, lastCreate, expiresAt, createAnswers } = rcs;
  const refusal =
    isRefused(rcs) && lastCreate !== undefined ? [{ at: lastCreate.at, reason: refusalOf(lastCreate) }] : [];
  const expiry = { at: expiresAt, reason: createAnswers.accepted ? 'expired' : 'notAccepted' } as const;
  const ends = [...(revokeEarly === undefined ? [] : [revokeEarly]), ...refusal, expiry];
  const first = ends.reduce((earliest, end) => (end.at < earliest.at ? end : earliest));
  return first.at <= now ? first.reason : undefined;
}

const refusalOf = ({ answer }: NonNullable<Rcs['lastCreate']>): EndReason =>
  answer === 'notFound' ? 'unreachable' : 'refused';
