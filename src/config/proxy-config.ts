import { z } from 'zod';
import { text, variable } from './variable.js';

const proxy = (description: string) =>
  variable(text.optional(), { description, must: 'must be a URL such as http://proxy.example.com:3128' });

/** Read in either case by `readProxies` (src/http/proxies.ts), which never keeps a role from starting. */
export const proxyFields = z.object({
  HTTPS_PROXY: proxy('The proxy for https URLs and for Temporal.'),
  HTTP_PROXY: proxy('The proxy for http URLs; for Temporal, too, if HTTPS_PROXY is unset.'),
  ALL_PROXY: proxy('The proxy for whatever has none by HTTPS_PROXY or HTTP_PROXY.'),
  GRPC_PROXY: proxy('The proxy for Temporal, instead of HTTPS_PROXY.'),
  NO_PROXY: variable(text.optional(), {
    description: 'What is connected to without a proxy: hosts, which include those below them, addresses and ranges.',
    must: 'must be hosts, addresses, ranges such as 10.0.0.0/8, or *, separated by commas or spaces',
  }),
  NO_GRPC_PROXY: variable(text.optional(), {
    description: 'The same for Temporal, instead of NO_PROXY.',
    must: 'must be of the form of NO_PROXY',
  }),
});
