import { expect, test } from 'vitest';
import { deliveryQuery, type DeliveryFilter } from '../../src/client/delivery-query.js';
import { InvalidInputError } from '../../src/index.js';

const now = Date.parse('2026-11-21T00:00:00Z');
const query = (filter: DeliveryFilter) =>
  deliveryQuery(filter, {
    now,
    hashes: (number) => (number.startsWith('+') ? [`hash${String(number.length)}`] : undefined),
  });
const ALL = "WorkflowType = 'messageDelivery'";

test.each<[DeliveryFilter, string]>([
  [{}, ALL],
  [{ open: true }, `${ALL} AND ExecutionStatus = 'Running'`],
  [{ open: false }, `${ALL} AND ExecutionStatus != 'Running'`],
  [{ pastExpiry: true }, `${ALL} AND ExecutionStatus = 'Running' AND ExpireTime < '2026-11-21T00:00:00.000Z'`],
  [{ status: ['UNCERTAIN', 'REVOKED'] }, `${ALL} AND DeliveryStatus IN ('UNCERTAIN', 'REVOKED')`],
  [{ status: ['REVOKING'] }, `${ALL} AND DeliveryStatus IN ('REVOKING') AND ExecutionStatus = 'Running'`],
  [
    { status: ['UNCERTAIN', 'REVOKING', 'SENDING'], campaignId: 'spring' },
    `${ALL} AND ((DeliveryStatus IN ('REVOKING', 'SENDING') AND ExecutionStatus = 'Running') OR ` +
      "(DeliveryStatus IN ('UNCERTAIN'))) AND CampaignId = 'spring'",
  ],
  [{ status: [] }, ALL],
  [{ fallbackReason: ['expired', 'unconfirmed'] }, `${ALL} AND FallbackReason IN ('expired', 'unconfirmed')`],
  [{ fallbackReason: [] }, ALL],
  ...['2026-11-20T23:00:00Z', '2026-11-21T00:00:00+01:00', new Date('2026-11-20T23:00:00Z')].map(
    (since): [DeliveryFilter, string] => [
      { since },
      `${ALL} AND (StartTime >= '2026-11-20T23:00:00.000Z' OR ` +
        "(CloseTime >= '2026-11-20T23:00:00.000Z' AND ExecutionStatus != 'Running'))",
    ],
  ),
  [{ agentId: 'acme@rbm.goog', campaignId: 'spring' }, `${ALL} AND RbmAgentId = 'acme' AND CampaignId = 'spring'`],
  [{ recipient: '+15550100001' }, `${ALL} AND RecipientHash = 'hash12'`],
  [{ query: "A = ')' OR B = 2" }, `${ALL} AND (A = ')' OR B = 2)`],
  [{ query: '(A = 1) AND (B = "\\")")' }, `${ALL} AND ((A = 1) AND (B = "\\")"))`],
  [{ query: '  ' }, ALL],
])('%j', (filter, expected) => {
  expect(query(filter)).toBe(expected);
});

test('null counts as absent', () => {
  const nulls = { status: null, agentId: null, campaignId: null, recipient: null, open: null, query: null };
  expect(deliveryQuery(nulls as unknown as DeliveryFilter, { now: 0 })).toBe(deliveryQuery({}, { now: 0 }));
});

test('a recipient needs the hash key, and must be a phone number', () => {
  const problem = 'must be a phone number with + and country calling code';
  const without = () => deliveryQuery({ recipient: '+15550100001' }, { now });
  expect(without).toThrow(
    expect.objectContaining({
      problems: [{ field: 'recipient', problem: 'needs recipientHashKey (RECIPIENT_HASH_KEY)' }],
    }),
  );
  expect(() => query({ recipient: '123' })).toThrow(
    expect.objectContaining({ problems: [{ field: 'recipient', problem }] }),
  );
});

test.each<[string, DeliveryFilter]>([
  ['status', { status: ["marked' OR '1'='1" as 'REVOKED'] }],
  ['fallbackReason', { fallbackReason: ["marked' OR '1'='1" as 'expired'] }],
  ['since', { since: "marked' OR '1'='1" }],
  ['since', { since: '1h' }],
  ['since', { since: new Date(Number.NaN) }],
  ['agentId', { agentId: "marked'" }],
  ['campaignId', { campaignId: "marked'" }],
  ['recipient', { recipient: 'marked' }],
  ['query', { query: 'marked) OR (1 = 1' }],
  ['query', { query: "marked = 'x" }],
  ['query', { query: 'marked = (1' }],
])('a wrong %s is refused and not repeated: %j', (field, filter) => {
  const refused = () => query(filter);
  expect(refused).toThrow(InvalidInputError);
  expect(refused).toThrow(new RegExp(`${field}: `));
  expect(refused).not.toThrow(/marked/);
});

test('AWAITING_DELIVERY is no status of the list, and the error says what is', () => {
  const problem = expect.stringContaining('must be STARTED instead of AWAITING_DELIVERY') as string;
  expect(() => query({ status: ['AWAITING_DELIVERY' as 'STARTED'] })).toThrow(
    expect.objectContaining({ problems: [{ field: 'status', problem }] }),
  );
});
