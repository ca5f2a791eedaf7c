import { z } from 'zod';
import type { Agents } from '../contract/agents.js';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import type { ProxyVariables } from '../http/proxies.js';
import type { SmsReceiptsConfig } from '../sms/from-config.js';
import { RBM_AGENTS } from './agents-config.js';
import { encryptionWarnings } from './encryption-warnings.js';
import { productionFields } from './production.js';
import { LOG_LEVEL, type LogLevel } from './log-level.js';
import { readEnvironment, type Environment } from './read-environment.js';
import { PAYLOAD_ENCRYPTION_KEYS, RECIPIENT_HASH_KEY, TASK_QUEUE } from './shared-variables.js';
import { smsReceiptFields, smsReceiptRules, smsReceiptsConfig } from './sms-config.js';
import type { TemporalConnection } from './temporal-connection.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing-config.js';
import { list, url, variable } from './variable.js';
import {
  webhookServerConfig,
  webhookServerFields,
  webhookServerRules,
  type WebhookServerConfig,
} from './webhook-server-config.js';

const fields = z.object({
  RBM_WEBHOOK_CLIENT_TOKEN: variable(list(/^\S+$/), {
    description:
      'The client token that RBM signs its events with; while you rotate, the new one first, then the old one.',
    must: 'must be one or more client tokens, separated by commas',
    secret: 'clientToken',
  }),
  RBM_AGENTS,
  RBM_FORWARD_URL: variable(url.optional(), {
    description:
      "The URL for events that are not about a delivery, such as a user's messages; if unset, they are dropped.",
    must: 'must be an http or https URL without credentials',
    isUrl: true,
  }),
  ...smsReceiptFields.shape,
  ...webhookServerFields.shape,
  LOG_LEVEL,
  PAYLOAD_ENCRYPTION_KEYS,
  TASK_QUEUE,
  RECIPIENT_HASH_KEY,
  ...productionFields,
  ...tracingFields.shape,
});

export const webhookVariables = fields.check(...smsReceiptRules, ...webhookServerRules);

export interface WebhookConfig extends TracingConfig, WebhookServerConfig {
  readonly temporal: TemporalConnection;
  /** See `readProxies`. */
  readonly proxies?: ProxyVariables;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  /** Where opt-outs run. */
  readonly taskQueue: string;
  /** One key, or several separated by commas or line breaks. Undefined: opt-outs are not acted on. */
  readonly recipientHashKey?: string;
  /** The current token first. */
  readonly rbmClientTokens: readonly string[];
  /** The agents whose events may reach deliveries. None: every agent's. */
  readonly agents: Agents;
  readonly rbmForwardUrl?: string;
  /** The routes for receipts that are configured. */
  readonly sms: SmsReceiptsConfig;
  readonly logLevel: LogLevel;
  /** What the role logs at its start: sentences without a secret. */
  readonly warnings: readonly string[];
}

/** The webhook server's configuration. Throws a ConfigurationError. */
export function readWebhookConfig(environment?: Environment): WebhookConfig {
  const { variables, temporal, proxies, warnings } = readEnvironment(webhookVariables, environment);
  const { RBM_FORWARD_URL } = variables;
  const { tracingWarnings = [], ...tracing } = tracingConfig(environment);
  return {
    temporal,
    ...(proxies !== undefined && { proxies }),
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    taskQueue: variables.TASK_QUEUE,
    ...(variables.RECIPIENT_HASH_KEY !== undefined && { recipientHashKey: variables.RECIPIENT_HASH_KEY }),
    ...webhookServerConfig(variables),
    rbmClientTokens: variables.RBM_WEBHOOK_CLIENT_TOKEN,
    agents: variables.RBM_AGENTS ?? [],
    ...(RBM_FORWARD_URL !== undefined && { rbmForwardUrl: RBM_FORWARD_URL }),
    sms: smsReceiptsConfig(variables),
    logLevel: variables.LOG_LEVEL,
    warnings: [
      ...warnings,
      ...encryptionWarnings('webhook', { temporal, encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
      ...tracingWarnings,
    ],
    ...tracing,
  };
}
