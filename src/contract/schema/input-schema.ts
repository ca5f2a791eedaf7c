import { z } from 'zod';
import { DAY, DURATION_PATTERN, SECOND } from '../duration.js';
import {
  AGENT_ID_PATTERN,
  CAMPAIGN_ID_PATTERN,
  CAMPAIGN_ID_RULE,
  E164_PATTERN,
  NOTIFY_URL_PATTERN,
  SMS_SENDER_PATTERN,
  UUID_PATTERN,
} from '../patterns.js';
import { POLICY_DEFAULTS, trafficPolicy, type TrafficPolicy } from '../policy.js';
import { MAX_TTL_MS, MESSAGE_TRAFFIC_TYPES } from '../rbm.js';

/*
 * The one source of the input's type, its JSON Schema and its validation. `npm run generate` writes the plain JSON
 * Schema that ../check.ts reads at run time. zod stays out of the workflow bundle, where it cost 1 MB of memory and 10
 * ms of CPU for each cached workflow (docs/decisions/0002). `must` is the problem that a caller reads.
 */

const text = (maxLength: number) => z.string().min(1).max(maxLength);
const matching = (pattern: RegExp, must: string) => z.string().regex(pattern).meta({ must });
const duration = (minMs: number, maxMs: number, description: string) =>
  z
    .string()
    .regex(DURATION_PATTERN)
    .meta({
      description,
      durationMs: [minMs, maxMs],
      must: `must be a duration between "${String(minMs / SECOND)}s" and "${String(maxMs / SECOND)}s"`,
    });

const withDefault = (minMs: number, maxMs: number, name: keyof typeof POLICY_DEFAULTS, description: string) =>
  duration(minMs, maxMs, `${description} Default ${POLICY_DEFAULTS[name]}.`).optional();

/** Such as `hold for PROMOTION, send for the others`. */
function byTrafficType(valueOf: (policy: TrafficPolicy) => string): string {
  const others = valueOf(trafficPolicy(undefined));
  const differing = MESSAGE_TRAFFIC_TYPES.filter((type) => valueOf(trafficPolicy(type)) !== others);
  const named = differing.map((type) => `${valueOf(trafficPolicy(type))} for ${type}, `);
  return `${named.join('')}${others} for the others`;
}

const sms = z.strictObject({
  text: text(1600).meta({ description: 'The text of the SMS.' }),
  sender: matching(SMS_SENDER_PATTERN, 'must be an E.164 number, a short code or an alphanumeric sender id')
    .optional()
    .meta({ description: "The SMS sender. Absent: the provider's own default." }),
  validity: duration(
    SECOND,
    7 * DAY,
    `How long the SMS is of use, from its first request. Default: ${byTrafficType((policy) => policy.smsValidity)}.`,
  ).optional(),
  receiptTimeout: withDefault(0, 7 * DAY, 'smsReceiptTimeout', 'How long to wait for the SMS receipt.'),
});

const fallback = z.strictObject({
  sms,
  whenUncertain: z
    .enum(['send', 'hold'])
    .optional()
    .meta({
      description:
        'What to do if the revocation stays unconfirmed. ' +
        `Default: ${byTrafficType((policy) => policy.whenUncertain)}.`,
    }),
});

const revocation = z.strictObject({
  strategy: z
    .enum(['agent', 'platform'])
    .optional()
    .meta({
      description: `Who revokes at the expiry: the workflow (agent) or RBM (platform). Default ${POLICY_DEFAULTS.strategy}.`,
    }),
  grace: withDefault(0, DAY, 'grace', 'How long to wait for a late DELIVERED after a revocation.'),
  budget: withDefault(SECOND, DAY, 'budget', 'The longest time from the expiry to the decision on the fallback.'),
  holdTimeout: withDefault(
    SECOND,
    7 * DAY,
    'holdTimeout',
    'How long to keep revoking before UNCERTAIN, under hold or when no SMS is wanted.',
  ),
  deadMansSwitch: withDefault(
    0,
    DAY,
    'deadMansSwitch',
    "With strategy agent: how much later than the expiry RBM's expireTime is.",
  ),
  ttlEventTimeout: withDefault(
    0,
    DAY,
    'ttlEventTimeout',
    "With strategy platform: how long to wait at the expiry for RBM's event.",
  ),
  spread: duration(
    0,
    DAY,
    'Over how long the revocations of messages with one expiry are spread, each at its own moment, within the budget. ' +
      `Default: ${byTrafficType((policy) => policy.spread)}.`,
  ).optional(),
});

const notify = z.strictObject({
  url: matching(NOTIFY_URL_PATTERN, 'must be an http or https URL without credentials').max(2048).meta({
    description: 'Where the outcome is sent by POST, signed (Standard Webhooks). The worker must allow its host.',
    must: 'must be an http or https URL without credentials',
  }),
  phases: z.boolean().optional().meta({ description: 'Send each phase too. Default false.' }),
});

export const messageDeliveryInputSchema = z.strictObject({
  agentId: matching(AGENT_ID_PATTERN, "must be an RBM agent's id").meta({
    description: "The RBM agent's id, with or without @rbm.goog.",
  }),
  messageId: matching(UUID_PATTERN, 'must be a UUID').meta({
    description: 'A UUID, unique per agent. Upper case is normalised to lower case.',
  }),
  recipient: matching(E164_PATTERN, 'must be an E.164 number, with + and an assigned country calling code').meta({
    description: "The phone's number in E.164 form, such as +15550100001.",
  }),
  contentMessage: z
    .looseObject({ text: text(3072).optional() })
    .meta({ description: "RBM's AgentContentMessage, passed on as it is." }),
  messageTrafficType: z
    .enum(MESSAGE_TRAFFIC_TYPES)
    .optional()
    .meta({ description: "RBM's messageTrafficType. Google advises to set it always." }),
  ttl: duration(1, MAX_TTL_MS, "How long after the workflow's start the message expires.").optional(),
  acceptanceTimeout: duration(
    SECOND,
    MAX_TTL_MS,
    'By when RBM must have accepted a message that has a fallback, from the start of the workflow; then it falls back. ' +
      `Default: ${byTrafficType((policy) => policy.acceptanceTimeout ?? 'none')}.`,
  ).optional(),
  expireTime: z.iso.datetime({ offset: true }).max(64).optional().meta({
    description: 'When the message expires, RFC 3339. Give either ttl or expireTime.',
    must: 'must be an RFC 3339 timestamp',
  }),
  fallback: fallback.optional().meta({ description: 'The SMS leg. Absent: none, the message is only revoked.' }),
  honorOptOut: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether an opt-out of the person stops this message. Always for PROMOTION, never for AUTHENTICATION. ' +
        'Default: true for PROMOTION, false for the others.',
    }),
  revocation: revocation.optional().meta({ description: 'How the message is revoked.' }),
  campaignId: matching(CAMPAIGN_ID_PATTERN, CAMPAIGN_ID_RULE)
    .optional()
    .meta({ description: 'Groups deliveries for operators (search attribute CampaignId).' }),
  notify: notify.optional().meta({ description: 'Reports to a server of yours how the delivery settled.' }),
});
