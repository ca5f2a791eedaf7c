import { z } from 'zod';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { inProduction, NODE_ENV } from './production.js';
import { readEnvironment, type Environment } from './read-environment.js';
import {
  LOG_LEVEL,
  PAYLOAD_ENCRYPTION_KEYS,
  SMS_PROVIDER,
  TWILIO_AUTH_TOKEN,
  WEBHOOK_PUBLIC_URL,
  webhookSecrets,
  type LogLevel,
} from './shared-variables.js';
import type { TemporalConnection } from './temporal-connection.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing-config.js';
import { list, port, rule, text, url, variable } from './variable.js';
import { AGENT_ID_PATTERN } from '../contract/patterns.js';
import { bareAgentId } from '../contract/ids.js';

const fields = z.object({
  RBM_WEBHOOK_CLIENT_TOKEN: variable(list(/^\S+$/), {
    description:
      'The client token that RBM signs its events with. While you rotate: the current one first, then the old ones.',
    must: 'must be one or more client tokens, separated by commas',
  }),
  RBM_AGENTS: variable(list(AGENT_ID_PATTERN).optional(), {
    description:
      "The agents whose events reach deliveries. Unset: every agent. Other agents' events go to RBM_FORWARD_URL.",
    must: "must be one or more agents' ids, separated by commas",
  }),
  RBM_FORWARD_URL: variable(url.optional(), {
    description:
      "The URL for events that are not about a delivery, such as a user's messages. Unset: they are dropped.",
    must: 'must be an http or https URL without credentials',
  }),
  SMS_WEBHOOK_SECRET: variable(webhookSecrets.optional(), {
    description:
      'SMS_PROVIDER=http: the secret that receipts are signed with (Standard Webhooks). Comma-separated while ' +
      'rotating. Unset: such receipts are refused.',
    must: 'must be one or more secrets of the form whsec_ and base64, separated by commas',
  }),
  SMS_PROVIDER,
  TWILIO_AUTH_TOKEN,
  WEBHOOK_PUBLIC_URL,
  WEBHOOK_HOST: variable(text.default('0.0.0.0'), {
    description: 'The address that the webhook server listens on.',
    must: 'must be an address or a host name',
  }),
  WEBHOOK_PORT: variable(port.default(8080), {
    description: 'The port that the webhook server listens on. 0: any free port.',
    must: 'must be a port number',
  }),
  LOG_LEVEL,
  PAYLOAD_ENCRYPTION_KEYS,
  NODE_ENV,
  ...tracingFields.shape,
});
type Variables = z.output<typeof fields>;

const twilioNeeds = (name: 'TWILIO_AUTH_TOKEN' | 'WEBHOOK_PUBLIC_URL') =>
  rule<Variables>(
    (set) => set.SMS_PROVIDER !== 'twilio' || set[name] !== undefined,
    name,
    'is missing: SMS_PROVIDER=twilio needs it to check signatures',
  );

/** In characters. Anyone who guesses the token can forge every event. */
const SHORTEST_TOKEN = 16;
/** Bytes, as the Standard Webhooks spec has it. */
const SHORTEST_SECRET = 24;
const bytesOf = (secret: string) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length;

export const webhookVariables = fields.check(
  twilioNeeds('TWILIO_AUTH_TOKEN'),
  twilioNeeds('WEBHOOK_PUBLIC_URL'),
  rule<Variables>(
    (set) => !inProduction(set) || (set.RBM_WEBHOOK_CLIENT_TOKEN ?? []).every(({ length }) => length >= SHORTEST_TOKEN),
    'RBM_WEBHOOK_CLIENT_TOKEN',
    'must be random tokens of at least 16 characters with NODE_ENV=production (`openssl rand -hex 32` makes one)',
  ),
  rule<Variables>(
    (set) => !inProduction(set) || (set.SMS_WEBHOOK_SECRET ?? []).every((secret) => bytesOf(secret) >= SHORTEST_SECRET),
    'SMS_WEBHOOK_SECRET',
    'must be random secrets of at least 24 bytes with NODE_ENV=production (whsec_ and `openssl rand -base64 32`)',
  ),
);

export interface WebhookConfig extends TracingConfig {
  readonly temporal: TemporalConnection;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  readonly host: string;
  readonly port: number;
  /** The current token first. */
  readonly rbmClientTokens: readonly string[];
  /** Without `@rbm.goog`. Undefined: every agent. */
  readonly rbmAgents?: readonly string[];
  readonly rbmForwardUrl?: string;
  /** The routes for receipts that are configured. */
  readonly sms: {
    /** `whsec_…`, the current one first. */
    readonly http?: { readonly secrets: readonly string[] };
    readonly twilio?: { readonly authTokens: readonly string[]; readonly publicUrl: string };
  };
  readonly logLevel: LogLevel;
}

/** The webhook server's configuration. Throws a ConfigurationError. */
export function readWebhookConfig(environment?: Environment): WebhookConfig {
  const { variables, temporal } = readEnvironment(webhookVariables, environment);
  const { RBM_AGENTS, RBM_FORWARD_URL } = variables;
  return {
    temporal,
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    host: variables.WEBHOOK_HOST,
    port: variables.WEBHOOK_PORT,
    rbmClientTokens: variables.RBM_WEBHOOK_CLIENT_TOKEN,
    ...(RBM_AGENTS !== undefined && { rbmAgents: RBM_AGENTS.map(bareAgentId) }),
    ...(RBM_FORWARD_URL !== undefined && { rbmForwardUrl: RBM_FORWARD_URL }),
    sms: receiptRoutes(variables),
    logLevel: variables.LOG_LEVEL,
    ...tracingConfig(variables),
  };
}

/** Each provider's route opens with its secret alone, so that receipts still come in while the provider is changed. */
function receiptRoutes(variables: Variables): WebhookConfig['sms'] {
  const { SMS_WEBHOOK_SECRET: secrets, TWILIO_AUTH_TOKEN: authTokens, WEBHOOK_PUBLIC_URL: publicUrl } = variables;
  return {
    ...(secrets !== undefined && { http: { secrets } }),
    ...(authTokens !== undefined && publicUrl !== undefined && { twilio: { authTokens, publicUrl } }),
  };
}
