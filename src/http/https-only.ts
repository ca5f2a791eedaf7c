import type { Fetch } from './exchange.js';

/** The code of a request that was not sent, because its URL is http and its host is not allowed. */
const HTTP_NOT_ALLOWED = 'EHTTP_NOT_ALLOWED';

/**
 * A fetch that sends nothing over http but to the hosts that are allowed, and to link-local addresses: there is where clouds
 * give their machines credentials. It throws what Node's fetch throws if it can't connect.
 */
export function httpsOnly(fetch: Fetch, isAllowed: (host: string) => boolean): Fetch {
  return async (input, init) => {
    const { protocol, hostname } = new URL(input instanceof Request ? input.url : input);
    if (protocol === 'https:' || isAllowed(hostname) || LINK_LOCAL.test(hostname)) return fetch(input, init);
    const cause = Object.assign(new Error('http to this host is not allowed'), { code: HTTP_NOT_ALLOWED });
    throw new TypeError('fetch failed', { cause });
  };
}

/** Also the address that AWS uses in IPv6, and Google's name. */
const LINK_LOCAL = /^(?:169\.254\.\d+\.\d+|\[fe80:.*\]|\[fd00:ec2::254\]|metadata\.google\.internal)$/;
