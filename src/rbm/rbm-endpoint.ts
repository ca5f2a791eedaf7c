import type { RbmRegion } from '../contract/agents.js';

export type { RbmRegion } from '../contract/agents.js';

const HOST = 'rcsbusinessmessaging.googleapis.com';

/**
 * The base URL of RBM's API, without a slash at its end: `endpoint` if given (a proxy, a simulator), else the region's
 * host, else the global one. Throws a TypeError when `endpoint` is not an http(s) URL, or has credentials or a query.
 */
export function rbmEndpoint({
  region,
  endpoint,
}: {
  readonly region?: RbmRegion | undefined;
  readonly endpoint?: string | undefined;
}): string {
  if (endpoint === undefined) return region === undefined ? `https://${HOST}` : `https://${region}-${HOST}`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search + url.hash !== '') {
    throw new TypeError('the RBM endpoint must be a base URL like https://rbm.example.com, without credentials');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
