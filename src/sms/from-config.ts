import type { Fetch } from '../http/exchange.js';
import type { SmsProviderDefinition } from './provider-definition.js';
import { SMS_PROVIDERS } from './registry.js';
import type { SmsProvider } from './sms-provider.js';
import type { SmsReceipts } from './sms-receipts.js';

type Registered = (typeof SMS_PROVIDERS)[number];

/** One SMS provider of the worker: its name, and its own configuration. */
export type SmsConfig = {
  [Definition in Registered as Definition['name']]: { readonly provider: Definition['name'] } & ReturnType<
    Definition['sending']['configure']
  >;
}[Registered['name']];

/** The configuration of each provider whose receipts the webhook accepts, by name. */
export type SmsReceiptsConfig = {
  readonly [Definition in Registered as Definition['name']]?:
    | ReturnType<NonNullable<Definition['receiving']>['configure']>
    | undefined;
};

/** One configured provider, which makes its requests with `fetch`. Throws a TypeError when its configuration can't work. */
export async function createSmsProvider(config: SmsConfig, fetch?: Fetch): Promise<SmsProvider> {
  return definitionOf(config.provider).sending.create(config, fetch);
}

/** The receipts of one provider. Throws a TypeError when its configuration can't work. */
export function createSmsReceipts(name: string, config: object): SmsReceipts {
  const { receiving } = definitionOf(name);
  if (receiving === undefined) throw new TypeError(`the SMS provider ${name} sends no receipts`);
  return receiving.create(config);
}

function definitionOf(name: string): SmsProviderDefinition {
  const definitions: readonly SmsProviderDefinition[] = SMS_PROVIDERS;
  const found = definitions.find((definition) => definition.name === name);
  if (found === undefined) throw new TypeError(`there is no SMS provider named ${name}`);
  return found;
}
