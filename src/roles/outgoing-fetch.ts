import { allowsCleartext } from '../config/cleartext.js';
import type { WorkerConfig } from '../config/worker-config.js';
import type { Fetch } from '../http/exchange.js';
import { httpsOnly } from '../http/https-only.js';
import { createFetch } from '../http/proxied-fetch.js';
import type { Proxies } from '../http/proxies.js';

/**
 * The worker's `fetch`. It checks each URL once more, since the credentials file may name some that no rule of the
 * configuration has seen.
 */
export function outgoingFetch({ cleartextHosts }: Pick<WorkerConfig, 'cleartextHosts'>, proxies: Proxies): Fetch {
  const fetch = createFetch(proxies);
  return cleartextHosts === undefined ? fetch : httpsOnly(fetch, (host) => allowsCleartext(host, cleartextHosts));
}
