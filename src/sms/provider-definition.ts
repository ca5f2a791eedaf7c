import type { z } from 'zod';
import { baseUrl, variable } from '../config/variable.js';
import type { Fetch } from '../http/exchange.js';
import type { SmsProvider } from './sms-provider.js';
import type { SmsReceipts } from './sms-receipts.js';

/**
 * Environment variables by name. Each is optional and described with `variable` (src/config/variable.ts), which also says
 * which of them hold secrets or URLs.
 */
export type Variables = Readonly<Record<string, z.ZodType>>;
/** What the environment holds, as the schemas read it. */
type Values<Names extends Variables> = z.output<z.ZodObject<Names>>;

/** How the worker sends with a provider. */
interface SmsSending<Names extends Variables = Variables, Config extends object = object> {
  readonly variables: Names;
  /** Must be set where SMS_PROVIDER names this provider, alone or among others. */
  readonly required: readonly string[];
  /** A worker with one of these set, but without SMS_PROVIDER, is half configured and does not start. */
  readonly requireSmsProvider: readonly string[];
  /** What else must hold where SMS_PROVIDER names this provider, such as one of two variables being set. */
  readonly rules?: readonly SendingRule<Names>[];
  /** The configuration from variables that keep these rules. */
  configure(values: Values<Names>): Config;
  /**
   * Throws a TypeError when the configuration can't work. Loads a large library here, not at the file's head. `fetch` is
   * to be used for every request: it knows the proxies.
   */
  create(config: Config, fetch?: Fetch): SmsProvider | Promise<SmsProvider>;
}

interface SendingRule<Names extends Variables = Variables> {
  /** The variable that the problem is about. */
  readonly variable: string;
  holds(values: Values<Names>): boolean;
  /** What an operator reads: `is missing: …`. */
  readonly problem: string;
}

/** How the webhook reads a provider's receipts, at POST /webhooks/sms/{name}. */
interface SmsReceiving<Names extends Variables = Variables, Config extends object = object> {
  readonly variables: Names;
  /** Must be set where SMS_PROVIDER names this provider. */
  readonly required: readonly string[];
  /**
   * Undefined: not configured, so there is no route. Does not depend on SMS_PROVIDER: late receipts must still arrive.
   */
  configure(values: Values<Names>): Config | undefined;
  /** Throws a TypeError when the configuration can't work. */
  create(config: Config): SmsReceipts;
}

/** Everything that this program knows of one SMS provider. The registry lists them. */
export interface SmsProviderDefinition<
  Name extends string = string,
  SendingNames extends Variables = Variables,
  SendingConfig extends object = object,
  ReceivingNames extends Variables = Variables,
  ReceivingConfig extends object = object,
> {
  /** Lower-case letters and digits: its word in SMS_PROVIDER, in results, in metrics and in the webhook's path. */
  readonly name: Name;
  readonly sending: SmsSending<SendingNames, SendingConfig>;
  /** Absent: the provider sends no receipts. */
  readonly receiving?: SmsReceiving<ReceivingNames, ReceivingConfig>;
}

/** Returns the definition as it is, and lets TypeScript infer its types. */
export function defineSmsProvider<
  const Name extends string,
  SendingNames extends Variables,
  SendingConfig extends object,
  ReceivingNames extends Variables,
  ReceivingConfig extends object,
>(
  definition: SmsProviderDefinition<Name, SendingNames, SendingConfig, ReceivingNames, ReceivingConfig>,
): SmsProviderDefinition<Name, SendingNames, SendingConfig, ReceivingNames, ReceivingConfig> {
  return definition;
}

/**
 * For providers that have to know the webhook's address: to name it in their requests, or to check a signature over it.
 */
export const WEBHOOK_PUBLIC_URL = variable(baseUrl.optional(), {
  description:
    "The webhook server's address as the SMS provider sees it, such as https://hooks.example.com; Twilio signs it.",
  must: 'must be an http or https URL without credentials',
  isUrl: true,
});

/** The address of a provider's receipts below {@link WEBHOOK_PUBLIC_URL}. */
export function receiptsUrl(publicUrl: string, name: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/sms/${name}`;
}
