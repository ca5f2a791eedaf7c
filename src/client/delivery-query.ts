import { AGENT_ID_PATTERN, CAMPAIGN_ID_PATTERN, CAMPAIGN_ID_RULE } from '../contract/patterns.js';
import { bareAgentId, WORKFLOW_TYPE } from '../contract/ids.js';
import { LISTED_STATUSES, OUTCOMES, type ListedStatus } from '../contract/status.js';
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
  const { status, agentId, campaignId, recipient, open, pastExpiry, query } = Object.fromEntries(
    given,
  ) as DeliveryFilter;
  const recipientHashes = recipient === undefined ? undefined : hashes?.(recipient);
  const problems: Problem[] = [];
  const must = (field: keyof DeliveryFilter, problem: string, holds: boolean) => {
    if (!holds) problems.push({ field, problem });
  };
  must('status', `must be one or more of ${LISTED_STATUSES.join(', ')}`, (status ?? []).every(isStatus));
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

/** A terminated or failed delivery keeps the attribute of its last phase, so a phase is combined with `Running`. */
function statusClause(status: readonly string[]): string {
  const among = (known: readonly string[], and = '') => {
    const found = status.filter((one) => known.includes(one)).map((one) => `'${one}'`);
    return found.length === 0 ? [] : [`DeliveryStatus IN (${found.join(', ')})${and}`];
  };
  const either = [...among(PENDING, " AND ExecutionStatus = 'Running'"), ...among(OUTCOMES)];
  return either.length === 1 ? either.join('') : `(${either.map((one) => `(${one})`).join(' OR ')})`;
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
