import { z } from 'zod';
import { isLoopback } from './loopback.js';
import { entriesOf, variable } from './variable.js';

/** Undefined: it is no host. */
function hostIn(entry: string): string | undefined {
  const address = z.ipv6().safeParse(entry).success ? `[${entry}]` : entry;
  const url = `http://${HOST.exec(address)?.[1] ?? ''}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** A host, perhaps with a port, which does not count. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

const hosts = z
  .string()
  .transform((given) => entriesOf(given).map(hostIn))
  .refine((names): names is string[] => names.length > 0 && !names.includes(undefined), { error: '' });

export const ALLOW_CLEARTEXT_HOSTS = variable(hosts.optional(), {
  description:
    'The hosts to which NODE_ENV=production may send over http, or to Temporal an API key without TLS, because their network is safe. This machine is always allowed.',
  must: 'must be one or more host names or addresses, separated by commas, such as simulator,temporal',
});

/** Whether anything may be sent to a host in cleartext. */
export function allowsCleartext(host: string, allowed: readonly string[] = []): boolean {
  return isLoopback(host) || allowed.includes(host.toLowerCase());
}

/** What is wrong with a URL, or with a list of hosts or URLs, in production. Undefined: nothing. */
export function cleartextProblem(given: string, allowed: readonly string[] | undefined): string | undefined {
  const urls = entriesOf(given).filter((entry) => /^http:/i.test(entry) && URL.canParse(entry));
  if (urls.every((entry) => allowsCleartext(new URL(entry).hostname, allowed))) return undefined;
  return 'must be https with NODE_ENV=production, unless ALLOW_CLEARTEXT_HOSTS names its host';
}
