import { z } from 'zod';
import type { SmsConfig, SmsReceiptsConfig } from '../sms/from-config.js';
import type { SmsProviderDefinition, Variables } from '../sms/provider-definition.js';
import { SMS_PROVIDERS } from '../sms/registry.js';
import { inProduction } from './production.js';
import { rule, variable } from './variable.js';

const PROVIDERS: readonly SmsProviderDefinition[] = SMS_PROVIDERS;
const NAMES = PROVIDERS.map(({ name }) => name);

/** A role's variables as its schema read them. The providers' own ones are only known by the registry. */
type Set = Readonly<Record<string, unknown>>;
type SmsVariables = Set & { readonly SMS_PROVIDER?: string | undefined };

const SMS_PROVIDER = variable(z.enum(NAMES).optional(), {
  description:
    'The provider that sends the fallback SMS; if unset, a delivery that falls back settles as UNDELIVERABLE.',
  must: `must be one of ${NAMES.join(', ')}`,
});

/** SMS_PROVIDER, and what each provider reads to send. */
export const smsFields = withVariables(PROVIDERS.map(({ sending }) => sending.variables));
/** SMS_PROVIDER, and what each provider reads to check its receipts. */
export const smsReceiptFields = withVariables(PROVIDERS.map(({ receiving }) => receiving?.variables ?? {}));

/** TypeScript sees SMS_PROVIDER alone; at run time every provider's variables are in the shape. */
function withVariables(shapes: readonly Variables[]) {
  return z.object({ SMS_PROVIDER, ...(Object.assign({}, ...shapes) as object) });
}

function needs(provider: string, names: readonly string[], problem: string) {
  return names.map((name) =>
    rule<Set>((set) => set['SMS_PROVIDER'] !== provider || set[name] !== undefined, name, problem),
  );
}

const requireSmsProvider = PROVIDERS.flatMap(({ sending }) => sending.requireSmsProvider);

/** A provider that is half configured would only be noticed at the first fallback. */
export const smsRules = [
  rule<Set>(
    (set) => set['SMS_PROVIDER'] !== undefined || requireSmsProvider.every((name) => set[name] === undefined),
    'SMS_PROVIDER',
    `is missing: it must be one of ${NAMES.join(', ')} when a variable of an SMS provider is set`,
  ),
  ...PROVIDERS.flatMap(({ name, sending }) =>
    needs(name, sending.required, `is missing: SMS_PROVIDER=${name} needs it`),
  ),
];

export const smsReceiptRules = PROVIDERS.flatMap(({ name, receiving }) => [
  ...needs(name, receiving?.required ?? [], `is missing: SMS_PROVIDER=${name} needs it to check signatures`),
  ...(receiving?.strong ?? []).map((strong) =>
    rule<Set>((set) => !inProduction(set) || strong.isStrong(set), strong.variable, strong.must),
  ),
]);

/** The worker's provider, from variables that keep the {@link smsRules}. Undefined: no SMS leg. */
export function smsConfig(variables: SmsVariables): SmsConfig | undefined {
  const definition = PROVIDERS.find(({ name }) => name === variables.SMS_PROVIDER);
  return definition && ({ provider: definition.name, ...definition.sending.configure(variables) } as SmsConfig);
}

/** The receipts that the webhook serves, from variables that keep the {@link smsReceiptRules}. */
export function smsReceiptsConfig(variables: SmsVariables): SmsReceiptsConfig {
  const configured = PROVIDERS.flatMap(({ name, receiving }) => {
    const config = receiving?.configure(variables);
    return config === undefined ? [] : [[name, config] as const];
  });
  return Object.fromEntries(configured);
}
