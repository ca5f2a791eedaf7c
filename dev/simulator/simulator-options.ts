import type { Clock } from './clock.js';
import type { PhoneBehaviourInput, PresetName } from './phone-behaviour.js';
import type { RetryPolicy } from './retrying-poster.js';
import type { TwilioAccount } from './twilio-api.js';
import type { WebhookFaults } from './webhook-sender.js';

/** Everything has a default but the secrets. Delays in ms. */
export interface SimulatorOptions {
  /** RBM's webhook clientToken. */
  readonly clientToken: string;
  /** `whsec_` + base64: signs the `http` gateway's receipts. */
  readonly smsWebhookSecret: string;
  /** The bearer token of `POST /sms`. */
  readonly smsToken: string;
  /** Events wait in their queue until the URL is known. */
  readonly rbmWebhookUrl?: string;
  readonly smsWebhookUrl?: string;
  readonly twilio?: TwilioAccount;
  readonly host?: string;
  /** @default 0: any free one */
  readonly port?: number;
  /** The base URL as others reach it, for the token_uri. @default where it listens */
  readonly publicUrl?: string;
  /** Which reading of DELETE's answers is in force (docs/rbm.md, "Revocation"). @default 'new' */
  readonly deleteReading?: 'new' | 'old';
  /** DELETE of an id already revoked. @default 404 under the new reading, 200 under the old */
  readonly secondDelete?: 200 | 404;
  /** A create with a used id. @default 200 */
  readonly duplicateCreate?: 200 | 409;
  /** Whether a repeated Idempotency-Key sends nothing more. @default true */
  readonly smsDedupe?: boolean;
  readonly phones?: Readonly<Record<string, PhoneBehaviourInput>>;
  /** For numbers not scripted. @default 'delivers' (after 0.5 s) */
  readonly defaultBehaviour?: PresetName | PhoneBehaviourInput;
  /** @default the machine's own time. Tokens and receipt signatures always live in the machine's time. */
  readonly clock?: Clock;
  /** Multiplies the simulator's own delays and backoffs, never a caller's expiry. @default 1 */
  readonly timeScale?: number;
  /** @default RBM's: from 1 s to at most 600 s, for 7 days */
  readonly webhookRetry?: Partial<RetryPolicy>;
  /** @default 10_000 */
  readonly webhookTimeoutMs?: number;
  /** Events in flight at a time; above 1 their order is not kept. @default 1 */
  readonly webhookConcurrency?: number;
  readonly webhookFaults?: WebhookFaults;
  /** How long a token is honoured; its answer always says an hour. @default 3_600_000 */
  readonly tokenLifetimeMs?: number;
}
