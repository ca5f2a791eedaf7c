import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { bareAgentId } from '../contract/ids.js';
import { STARTED, type ListedStatus } from '../contract/status.js';
import { statusOf } from '../domain/report.js';
import type { FakeDelivery } from './fake-delivery.js';

/** The recipient that a filter means, as an input has it. */
type Normalise = (recipient: string) => string | undefined;

/** Those that the filter selects: running ones first, then the ones that closed last. */
export function listed(all: readonly FakeDelivery[], filter: DeliveryFilter, normalise: Normalise): DeliverySummary[] {
  const given = Object.entries(filter).filter(([, value]) => (value as unknown) !== undefined && value !== null);
  const unknown = given.map(([field]) => field).filter((field) => !(field in MATCHES));
  if (unknown.length > 0) throw new Error(`the fake can't select deliveries by ${unknown.join(', ')}`);
  const wanted = Object.fromEntries(given) as DeliveryFilter;
  const matches = (delivery: FakeDelivery) =>
    given.every(([field]) => MATCHES[field as Known](delivery, wanted, normalise));
  return all
    .filter(matches)
    .toSorted((one, other) => (other.end?.closedAt ?? Infinity) - (one.end?.closedAt ?? Infinity) || 0)
    .map(summaryOf);
}

type Known = Exclude<keyof DeliveryFilter, 'query'>;
type Match = (delivery: FakeDelivery, filter: DeliveryFilter, normalise: Normalise) => boolean;

const MATCHES: Readonly<Record<Known, Match>> = {
  status: (delivery, { status = [] }) =>
    status.length === 0 || (isFoundByStatus(delivery) && status.includes(statusIn(delivery))),
  agentId: ({ input }, { agentId = '' }) => input.agentId === bareAgentId(agentId),
  campaignId: ({ input }, { campaignId }) => input.campaignId === campaignId,
  recipient: ({ input }, { recipient = '' }, normalise) => input.recipient === normalise(recipient),
  open: ({ end }, { open }) => (end === undefined) === open,
  fallbackReason: (delivery, { fallbackReason = [] }) =>
    fallbackReason.length === 0 || fallbackReason.some((reason) => reason === fallbackReasonIn(delivery)),
  since: ({ startedAt, end }, { since = '' }) => Math.max(startedAt, end?.closedAt ?? 0) >= new Date(since).getTime(),
  pastExpiry: (delivery, { pastExpiry }) =>
    pastExpiry !== true || (delivery.end === undefined && expiresAt(delivery) < Date.now()),
};

const expiresAt = (delivery: FakeDelivery): number => delivery.snapshot().delivery.facts.rcs.expiresAt;

/** A phase finds running deliveries only. */
const isFoundByStatus = ({ end }: FakeDelivery): boolean => end === undefined || end.result !== undefined;

/** As Temporal keeps it: of a terminated delivery, the phase that it was in. */
function statusIn(delivery: FakeDelivery): ListedStatus {
  const status = delivery.end?.result?.outcome ?? statusOf(delivery.snapshot()).status;
  return status === 'AWAITING_DELIVERY' || status === 'SENDING' ? STARTED : status;
}

const fallbackReasonIn = (delivery: FakeDelivery) => delivery.snapshot().delivery.facts.fallbackReason;

function summaryOf(delivery: FakeDelivery): DeliverySummary {
  const { workflowId, startedAt, end } = delivery;
  const { agentId, messageId, messageTrafficType, campaignId } = delivery.input;
  const fallbackReason = fallbackReasonIn(delivery);
  return {
    ...{ workflowId, agentId, messageId },
    status: statusIn(delivery),
    executionStatus: end === undefined ? 'RUNNING' : end.result === undefined ? 'TERMINATED' : 'COMPLETED',
    ...(messageTrafficType !== undefined && { messageTrafficType }),
    ...(campaignId !== undefined && { campaignId }),
    ...(fallbackReason !== undefined && { fallbackReason }),
    expireTime: new Date(expiresAt(delivery)).toISOString(),
    startTime: new Date(startedAt).toISOString(),
    ...(end !== undefined && { closeTime: new Date(end.closedAt).toISOString() }),
  };
}
