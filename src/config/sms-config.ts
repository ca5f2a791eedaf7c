import { z } from 'zod';
import type { SmsConfig, SmsReceiptsConfig } from '../sms/from-config.js';
import type { SmsProviderDefinition, Variables } from '../sms/provider-definition.js';
import { SMS_PROVIDERS } from '../sms/registry.js';
import { entriesOf, rule, variable } from './variable.js';

const PROVIDERS: readonly SmsProviderDefinition[] = SMS_PROVIDERS;
const NAMES = PROVIDERS.map(({ name }) => name);

/** A role's variables as its schema read them. The providers' own ones are only known by the registry. */
type Set = Readonly<Record<string, unknown>>;
type SmsVariables = Set & { readonly SMS_PROVIDER?: readonly string[] | undefined };

/** `Twilio, http,http` is `['twilio', 'http']`. */
const providerNames = z
  .string()
  .transform((given) => [...new Set(entriesOf(given.toLowerCase()))])
  .refine((names) => names.length > 0 && names.every((name) => NAMES.includes(name)), { error: '' });

const SMS_PROVIDER = variable(providerNames.optional(), {
  description:
    'The providers of the fallback SMS in order of preference; if unset, a delivery that falls back settles as UNDELIVERABLE.',
  must: `must be one or more of ${NAMES.join(', ')}, separated by commas`,
});

/** SMS_PROVIDER, and what each provider reads to send. */
export const smsFields = withVariables(PROVIDERS.map(({ sending }) => sending.variables));
/** SMS_PROVIDER, and what each provider reads to check its receipts. */
export const smsReceiptFields = withVariables(PROVIDERS.map(({ receiving }) => receiving?.variables ?? {}));

/** TypeScript sees SMS_PROVIDER alone; at run time every provider's variables are in the shape. */
function withVariables(shapes: readonly Variables[]) {
  return z.object({ SMS_PROVIDER, ...(Object.assign({}, ...shapes) as object) });
}

/** A rule for where SMS_PROVIDER names this provider. */
function whereNamed(provider: string, holds: (set: Set) => boolean, variable: string, problem: string) {
  return rule<SmsVariables>((set) => set.SMS_PROVIDER?.includes(provider) !== true || holds(set), variable, problem);
}

function needs(provider: string, names: readonly string[], problem: string) {
  return names.map((name) => whereNamed(provider, (set) => set[name] !== undefined, name, problem));
}

const requireSmsProvider = PROVIDERS.flatMap(({ sending }) => sending.requireSmsProvider);

/** A provider that is half configured would only be noticed at the first fallback. */
export const smsRules = [
  rule<Set>(
    (set) => set['SMS_PROVIDER'] !== undefined || requireSmsProvider.every((name) => set[name] === undefined),
    'SMS_PROVIDER',
    `is missing: it must be one or more of ${NAMES.join(', ')} when a variable of an SMS provider is set`,
  ),
  ...PROVIDERS.flatMap(({ name, sending }) => [
    ...needs(name, sending.required, `is missing: SMS_PROVIDER=${name} needs it`),
    ...(sending.rules ?? []).map((own) => whereNamed(name, (set) => own.holds(set), own.variable, own.problem)),
  ]),
];

export const smsReceiptRules = PROVIDERS.flatMap(({ name, receiving }) =>
  needs(name, receiving?.required ?? [], `is missing: SMS_PROVIDER=${name} needs it to check signatures`),
);

/**
 * The worker's providers in order of preference, from variables that keep the {@link smsRules}. Empty: no SMS leg.
 */
export function smsConfig(variables: SmsVariables): readonly SmsConfig[] {
  return (variables.SMS_PROVIDER ?? []).flatMap((named) =>
    PROVIDERS.filter(({ name }) => name === named).map(
      ({ name, sending }) => ({ provider: name, ...sending.configure(variables) }) as SmsConfig,
    ),
  );
}

/** The receipts that the webhook serves, from variables that keep the {@link smsReceiptRules}. */
export function smsReceiptsConfig(variables: SmsVariables): SmsReceiptsConfig {
  const configured = PROVIDERS.flatMap(({ name, receiving }) => {
    const config = receiving?.configure(variables);
    return config === undefined ? [] : [[name, config] as const];
  });
  return Object.fromEntries(configured);
}
