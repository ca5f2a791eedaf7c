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
import { MAX_TTL_MS, MESSAGE_TRAFFIC_TYPES } from '../rbm.js';

/*
 * The one source of the input's type, its JSON Schema and its validation. `npm run generate` turns it into the plain
 * JSON Schema that ../check.ts reads at run time: zod itself stays out of the workflow bundle, where it cost 1.0 MB of
 * memory and 10 ms of CPU for each cached workflow (docs/decisions/0002). `must` is the problem that a caller reads.
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

const sms = z.strictObject({
  text: text(1600).meta({ description: 'The text of the SMS.' }),
  sender: matching(SMS_SENDER_PATTERN, 'must be an E.164 number, a short code or an alphanumeric sender id')
    .optional()
    .meta({ description: "The SMS sender. Absent: the provider's own default." }),
  sendTimeout: duration(SECOND, DAY, 'How long a failing SMS provider is tried again. Default 3600s.').optional(),
  receiptTimeout: duration(0, 7 * DAY, 'How long to wait for the SMS receipt. Default 3600s.').optional(),
});

const fallback = z.strictObject({
  sms,
  whenUncertain: z.enum(['send', 'hold']).optional().meta({
    description: 'What to do when the revocation stays inconclusive. Default: hold for PROMOTION, send for the others.',
  }),
});

const revocation = z.strictObject({
  strategy: z.enum(['agent', 'platform']).optional().meta({
    description: 'Who revokes at expiry: this workflow (agent, the default) or RBM itself (platform).',
  }),
  grace: duration(0, DAY, "How long to wait for a late DELIVERED after a revoke's answer. Default 5s.").optional(),
  budget: duration(SECOND, DAY, 'The most that may pass from expiry to the fallback decision. Default 30s.').optional(),
  holdTimeout: duration(SECOND, 7 * DAY, "How long 'hold' keeps revoking before UNCERTAIN. Default 3600s.").optional(),
  deadMansSwitch: duration(0, DAY, "agent: how much later RBM's own expireTime is than ours. Default 60s.").optional(),
  ttlEventTimeout: duration(0, DAY, 'platform: how long to wait at expiry for the TTL event. Default 15s.').optional(),
});

const notify = z.strictObject({
  url: matching(NOTIFY_URL_PATTERN, 'must be an http or https URL without credentials').max(2048).meta({
    description: 'Where the outcome is POSTed to, signed (Standard Webhooks). Its host must be allowed by the worker.',
    must: 'must be an http or https URL without credentials',
  }),
  phases: z.boolean().optional().meta({ description: 'Tell each phase, too. Default false.' }),
});

export const messageDeliveryInputSchema = z.strictObject({
  agentId: matching(AGENT_ID_PATTERN, "must be an RBM agent's id").meta({
    description: "The RBM agent's id, with or without @rbm.goog.",
  }),
  messageId: matching(UUID_PATTERN, 'must be a UUID').meta({
    description: 'A UUID, unique per agent. Upper case is normalised to lower case.',
  }),
  recipient: matching(E164_PATTERN, 'must be an E.164 number with an assigned country calling code').meta({
    description: "The phone's number in E.164 form, such as +15550100001.",
  }),
  contentMessage: z
    .looseObject({ text: text(3072).optional() })
    .meta({ description: "RBM's AgentContentMessage, passed on as it is." }),
  messageTrafficType: z
    .enum(MESSAGE_TRAFFIC_TYPES)
    .optional()
    .meta({ description: "RBM's messageTrafficType. Google advises to set it always." }),
  ttl: duration(1, MAX_TTL_MS, "How long the message is worth delivering, from the workflow's start.").optional(),
  expireTime: z.iso.datetime({ offset: true }).max(64).optional().meta({
    description: 'When the message is taken back, RFC 3339. Instead of ttl: exactly one of the two.',
    must: 'must be an RFC 3339 timestamp',
  }),
  fallback: fallback.optional().meta({ description: 'The SMS leg. Absent: none, the message is only revoked.' }),
  revocation: revocation.optional().meta({ description: 'How the message is taken back.' }),
  campaignId: matching(CAMPAIGN_ID_PATTERN, CAMPAIGN_ID_RULE)
    .optional()
    .meta({ description: 'Groups deliveries for operators (search attribute CampaignId).' }),
  notify: notify.optional().meta({ description: 'Tells a server of yours how the delivery ended.' }),
});

/** The input of the workflow `messageDelivery`: one plain JSON object, RBM's names where RBM has one. */
export type MessageDeliveryInput = z.infer<typeof messageDeliveryInputSchema>;
