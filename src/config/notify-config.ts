import { z } from 'zod';
import { entriesOf, rule, variable, webhookSecret } from './variable.js';

/** A bare host means https. An origin such as `http://hooks.internal:8080` is used as it is. */
const origins = z
  .string()
  .transform((given) => entriesOf(given).map(originOf))
  .refine((entries): entries is string[] => entries.length > 0 && entries.every((entry) => entry !== undefined), {
    error: '',
  })
  .transform((entries) => [...new Set(entries)]);

/** One secret, and the origin of the host that it is for; undefined if it names none. */
export interface HostSecret {
  readonly origin: string | undefined;
  readonly secret: string;
}

const secrets = z
  .string()
  .transform((given) => entriesOf(given).map(hostSecretOf))
  .refine((entries): entries is HostSecret[] => entries.length > 0 && entries.every((entry) => entry !== undefined), {
    error: '',
  });

export const notifyFields = z.object({
  NOTIFY_ALLOWED_HOSTS: variable(origins.optional(), {
    description: "The hosts that a delivery's notify.url may name, over https unless http:// is given; if unset, none.",
    must: 'must be one or more hosts such as hooks.example.com or http://hooks.internal:8080, separated by commas',
    isUrl: true,
  }),
  NOTIFY_SECRET: variable(secrets.optional(), {
    description:
      'The secret that signs notifications (Standard Webhooks); with several hosts, host=secret for each. Of several for one host, each one signs.',
    must: 'must be one or more secrets of the form whsec_ and base64, or of the form host=whsec_…, separated by commas',
    secret: 'webhookSecret',
  }),
});
type NotifyVariables = z.output<typeof notifyFields>;

/** A rule about both variables. It holds while one of them is missing, or is wrong in itself. */
const both =
  (holds: (hosts: readonly string[], secrets: readonly HostSecret[]) => boolean) =>
  ({ NOTIFY_ALLOWED_HOSTS: hosts, NOTIFY_SECRET: secrets }: Partial<NotifyVariables>): boolean =>
    !isReadable(hosts) || !isReadable(secrets) || holds(hosts, secrets);
const isReadable = <Entry>(entries: readonly Entry[] | undefined): entries is readonly Entry[] =>
  Array.isArray(entries) && entries.every((entry) => entry !== undefined);

/** A receiver that knows the secret of another one could forge notifications to that one. */
export const notifyRules = [
  rule<NotifyVariables>(
    (set) => set.NOTIFY_ALLOWED_HOSTS === undefined || set.NOTIFY_SECRET !== undefined,
    'NOTIFY_SECRET',
    'is missing: NOTIFY_ALLOWED_HOSTS needs it',
  ),
  rule<NotifyVariables>(
    (set) => set.NOTIFY_SECRET === undefined || set.NOTIFY_ALLOWED_HOSTS !== undefined,
    'NOTIFY_ALLOWED_HOSTS',
    'is missing: NOTIFY_SECRET needs it',
  ),
  rule<NotifyVariables>(
    both((hosts, given) => hosts.length === 1 || given.every(({ origin }) => origin !== undefined)),
    'NOTIFY_SECRET',
    'must name the host of each secret, as in hooks.example.com=whsec_…, since NOTIFY_ALLOWED_HOSTS has several',
  ),
  rule<NotifyVariables>(
    both((hosts, given) => given.every(({ origin }) => origin === undefined || hosts.includes(origin))),
    'NOTIFY_SECRET',
    'must name only hosts of NOTIFY_ALLOWED_HOSTS, written in the same way',
  ),
  rule<NotifyVariables>(
    both((hosts, given) => hosts.every((host) => secretsFor(host, given).length > 0)),
    'NOTIFY_SECRET',
    'must have a secret for each host of NOTIFY_ALLOWED_HOSTS',
  ),
  rule<NotifyVariables>(
    both((_, given) => given.every((one) => given.every((other) => isOneHost(one, other) || !isOneSecret(one, other)))),
    'NOTIFY_SECRET',
    'must have another secret for each host',
  ),
];

const isOneHost = (one: HostSecret, other: HostSecret): boolean => one.origin === other.origin;
const isOneSecret = (one: HostSecret, other: HostSecret): boolean => one.secret === other.secret;

const secretsFor = (host: string, given: readonly HostSecret[]): readonly string[] =>
  given.filter(({ origin = host }) => origin === host).map(({ secret }) => secret);

export interface NotifyConfig {
  /** The secrets of each origin that may be called: the current one first, then those being rotated out. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
}

/** Undefined: notifications are refused. The variables must satisfy {@link notifyRules}. */
export function notifyConfig(variables: NotifyVariables): NotifyConfig | undefined {
  const { NOTIFY_ALLOWED_HOSTS: hosts, NOTIFY_SECRET: given } = variables;
  if (hosts === undefined || given === undefined) return undefined;
  return { secrets: Object.fromEntries(hosts.map((host) => [host, secretsFor(host, given)])) };
}

function originOf(entry: string): string | undefined {
  const url = (/^https?:\/\//i.test(entry) ? entry : `https://${entry}`).replace(/\/$/, '');
  if (!/^https?:\/\/[^\s/?#@*\\]+$/i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).origin;
}

/** The host ends at the first `=`: base64 may have some at its end. */
function hostSecretOf(entry: string): HostSecret | undefined {
  const [, host, secret = ''] = /^(?:([^=]+)=)?(whsec_.+)$/.exec(entry) ?? [];
  const origin = host === undefined ? undefined : originOf(host.trim());
  const isHostWrong = host !== undefined && origin === undefined;
  return isHostWrong || !webhookSecret.test(secret) ? undefined : { origin, secret };
}
