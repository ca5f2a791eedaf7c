import { AGENT_ID_PATTERN, CAMPAIGN_ID_PATTERN, CAMPAIGN_ID_RULE, RFC_3339 } from '../contract/patterns.js';
import { bareAgentId, WORKFLOW_TYPE } from '../contract/ids.js';
import type { SearchAttributeName } from '../contract/search-attributes.js';
import {
  FALLBACK_REASONS,
  LISTED_STATUSES,
  OUTCOMES,
  type FallbackReason,
  type ListedStatus,
  type Phase,
} from '../contract/status.js';
import type { Problem } from '../contract/check.js';
import { InvalidInputError } from './client-errors.js';

/** Selects deliveries that match every given field. */
export interface DeliveryFilter {
  /**
   * Any of these. STARTED and the phases find running deliveries only. STARTED stays from the start until a phase lasts a
   * minute, except AWAITING_DELIVERY: it is listed as STARTED too.
   */
  readonly status?: readonly ListedStatus[];
  readonly agentId?: string;
  readonly campaignId?: string;
  /** The recipient's phone number. Needs the `recipientHashKey` that the deliveries were started with. */
  readonly recipient?: string;
  /** true: running deliveries. false: closed ones. */
  readonly open?: boolean;
  /** true: running deliveries whose expiry has passed. They revoke, wait for an SMS receipt, or are stuck. */
  readonly pastExpiry?: boolean;
  /**
   * An RFC 3339 time. Deliveries that started or closed since then. One that started before and still runs is not found,
   * whatever it did meanwhile: `open` finds it.
   */
  readonly since?: string | Date;
  /** Any of these: an SMS was requested for this reason. */
  readonly fallbackReason?: readonly FallbackReason[];
  /** A Temporal list filter (https://docs.temporal.io/list-filter) that must match too. */
  readonly query?: string;
}

export interface QueryOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The hashes of a phone number by every key, or undefined if the text is no number. Absent if there is no key. */
  readonly hashes?: (recipient: string) => readonly string[] | undefined;
}

/** The filter as a Temporal list filter. Throws an {@link InvalidInputError}. */
export function deliveryQuery(filter: DeliveryFilter, { now, hashes }: QueryOptions): string {
  // A caller without types may pass null for what is absent.
  const given = Object.entries(filter).filter(([, value]) => (value as unknown) !== null);
  const { status, agentId, campaignId, recipient, open, pastExpiry, since, fallbackReason, query } = Object.fromEntries(
    given,
  ) as DeliveryFilter;
  const recipientHashes = recipient === undefined ? undefined : hashes?.(recipient);
  const problems: Problem[] = [];
  const must = (field: keyof DeliveryFilter, problem: string, holds: boolean) => {
    if (!holds) problems.push({ field, problem });
  };
  must('status', statusProblem(status ?? []), (status ?? []).every(isStatus));
  must(
    'fallbackReason',
    `must be one or more of ${FALLBACK_REASONS.join(', ')}`,
    (fallbackReason ?? []).every(isReason),
  );
  const sinceMs = since === undefined ? undefined : msOf(since);
  must('since', 'must be an RFC 3339 time such as 2026-12-01T12:00:00Z', !Number.isNaN(sinceMs));
  must('agentId', "must be an RBM agent's id", agentId === undefined || AGENT_ID_PATTERN.test(agentId));
  must('campaignId', CAMPAIGN_ID_RULE, campaignId === undefined || CAMPAIGN_ID_PATTERN.test(campaignId));
  must('recipient', 'needs recipientHashKey (RECIPIENT_HASH_KEY)', recipient === undefined || hashes !== undefined);
  must(
    'recipient',
    'must be a phone number with + and country calling code',
    recipient === undefined || hashes === undefined || recipientHashes !== undefined,
  );
  must('query', UNBALANCED, query === undefined || isBalanced(query));
  if (problems.length > 0) throw new InvalidInputError(problems);
  const parts = [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    open !== undefined && `ExecutionStatus ${open ? '=' : '!='} 'Running'`,
    pastExpiry === true && `ExecutionStatus = 'Running' AND ExpireTime < '${new Date(now).toISOString()}'`,
    status !== undefined && status.length > 0 && statusClause(status),
    fallbackReason !== undefined && fallbackReason.length > 0 && among('FallbackReason', fallbackReason),
    sinceMs !== undefined && sinceClause(new Date(sinceMs).toISOString()),
    agentId !== undefined && `RbmAgentId = '${bareAgentId(agentId)}'`,
    campaignId !== undefined && `CampaignId = '${campaignId}'`,
    recipientHashes !== undefined && hashClause(recipientHashes),
    query !== undefined && query.trim() !== '' && `(${query})`,
  ];
  return parts.filter((part) => part !== false).join(' AND ');
}

const hashClause = (hashes: readonly string[]): string =>
  hashes.length === 1
    ? `RecipientHash = '${hashes.join('')}'`
    : `RecipientHash IN (${hashes.map((hash) => `'${hash}'`).join(', ')})`;

/** SQL databases hold a CloseTime far ahead for what still runs. */
const sinceClause = (time: string): string =>
  `(StartTime >= '${time}' OR (CloseTime >= '${time}' AND ExecutionStatus != 'Running'))`;

const among = (attribute: SearchAttributeName, values: readonly string[]): string =>
  `${attribute} IN (${values.map((one) => `'${one}'`).join(', ')})`;

/** A terminated or failed delivery keeps the attribute of its last phase, so a phase is combined with `Running`. */
function statusClause(status: readonly string[]): string {
  const of = (known: readonly string[], and = '') => {
    const found = status.filter((one) => known.includes(one));
    return found.length === 0 ? [] : [`${among('DeliveryStatus', found)}${and}`];
  };
  const either = [...of(PENDING, " AND ExecutionStatus = 'Running'"), ...of(OUTCOMES)];
  return either.length === 1 ? either.join('') : `(${either.map((one) => `(${one})`).join(' OR ')})`;
}

function statusProblem(status: readonly string[]): string {
  return status.includes(UNLISTED) ? AWAITING_IS_STARTED : `must be one or more of ${LISTED_STATUSES.join(', ')}`;
}

const UNLISTED: Phase = 'AWAITING_DELIVERY';
/** For people who look for the phase that `status` shows. */
const AWAITING_IS_STARTED =
  'must be STARTED instead of AWAITING_DELIVERY: the list does not say whether RBM has accepted a message';

const isReason = (text: string): boolean => FALLBACK_REASONS.some((one) => one === text);

/** NaN for a text that is no RFC 3339 time. */
function msOf(time: string | Date): number {
  if (typeof time !== 'string') return time.getTime();
  return RFC_3339.test(time) ? Date.parse(time) : Number.NaN;
}

const isStatus = (text: string): boolean => LISTED_STATUSES.some((one) => one === text);

const isOutcome = (text: string): boolean => OUTCOMES.some((one) => one === text);
const PENDING = LISTED_STATUSES.filter((one) => !isOutcome(one));

export const UNBALANCED = 'has a comment, or a parenthesis or a quote without its other half';

/** Whether the query can be put in parentheses. `x) OR (y`, or one hidden in a comment, would find other workflows. */
export function isBalanced(query: string): boolean {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < query.length; at += 1) {
    const character = query[at] ?? '';
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '#' || /^(?:--|\/\*)/.test(query.slice(at, at + 2))) return false;
    else if (/['"`]/.test(character)) quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && quote === '';
}
