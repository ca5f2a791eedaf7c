import type { AgentProfile } from './agents.js';
import type { Carrier } from './carriers.js';
import type { Clock } from './clock.js';
import type { OutageInput } from './outage.js';
import type { PhoneBehaviourInput, PresetName } from './phone-behaviour.js';
import type { RetryPolicy } from './retrying-poster.js';
import type { TwilioAccount, TwilioApiKey } from './twilio-account.js';
import type { TwilioServices } from './twilio-services.js';
import type { WebhookFaults } from './webhook-sender.js';

/** Only the secrets have no default. */
export interface SimulatorOptions {
  /** RBM's webhook clientToken. */
  readonly clientToken: string;
  /** Signs the `http` gateway's receipts. `whsec_` and base64. */
  readonly smsWebhookSecret: string;
  /** The bearer token of `POST /sms`. */
  readonly smsToken: string;
  /** Events and receipts wait in their queues until their URL is set. */
  readonly rbmWebhookUrl?: string;
  readonly smsWebhookUrl?: string;
  readonly twilio?: TwilioAccount;
  /** Accepted besides the account's auth token. @default one, see `Simulator.twilioApiKeys` */
  readonly twilioApiKeys?: readonly TwilioApiKey[];
  /** The messaging services and their senders. @default every service exists, and its sender stays open */
  readonly twilioServices?: TwilioServices;
  readonly host?: string;
  /** @default 0 (any free port) */
  readonly port?: number;
  /** The ports of smsUrl and twilioUrl, which can refuse connections. @default 0 (any free port) */
  readonly smsPort?: number;
  readonly twilioPort?: number;
  /** The base URL by which others reach the simulator, for token_uri. @default the address it listens on */
  readonly publicUrl?: string;
  /** Which reading of RBM's pages decides DELETE's answers (docs/rbm.md, "Revocation"). @default 'new' */
  readonly deleteReading?: 'new' | 'old';
  /** The answer to a DELETE of a revoked message. @default 404 under the new reading, 200 under the old */
  readonly secondDelete?: 200 | 404;
  /** The answer to a create with a used id. @default 200 */
  readonly duplicateCreate?: 200 | 409;
  /** Whether a repeated Idempotency-Key sends no second SMS. @default true */
  readonly smsDedupe?: boolean;
  /** RBM's agents that are special, by agentId. */
  readonly agents?: Readonly<Record<string, AgentProfile>>;
  /** @default none: every number has a carrier on which every agent is launched */
  readonly carriers?: readonly Carrier[];
  /** RBM's answers to everybody from the start. @default none */
  readonly outage?: OutageInput;
  readonly phones?: Readonly<Record<string, PhoneBehaviourInput>>;
  /** For all other numbers. @default 'delivers' (after 0.5 s) */
  readonly defaultBehaviour?: PresetName | PhoneBehaviourInput;
  /** @default the machine's clock. Tokens and receipt signatures always use the machine's clock. */
  readonly clock?: Clock;
  /** Multiplies the simulator's delays and backoffs, never a caller's expiry. @default 1 */
  readonly timeScale?: number;
  /** @default RBM's: from 1 s to at most 600 s, for 7 days */
  readonly webhookRetry?: Partial<RetryPolicy>;
  /** @default 10_000 */
  readonly webhookTimeoutMs?: number;
  /** How many events are in flight at a time. Above 1, their order is not kept. @default 1 */
  readonly webhookConcurrency?: number;
  readonly webhookFaults?: WebhookFaults;
  /** How long a token is accepted. The token endpoint always says an hour. @default 3_600_000 */
  readonly tokenLifetimeMs?: number;
}
