import { agentIn, type Agents, type RbmRegion } from '../contract/agents.js';

export type { RbmRegion } from '../contract/agents.js';

const HOST = 'rcsbusinessmessaging.googleapis.com';

export interface RbmEndpointOptions {
  readonly region?: RbmRegion | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * The base URL of RBM's API, without a slash at its end: `endpoint` if given (a proxy, a simulator), else the region's
 * host, else the global one. Throws a TypeError when `endpoint` is not an http(s) URL, or has credentials or a query.
 */
export function rbmEndpoint({ region, endpoint }: RbmEndpointOptions): string {
  if (endpoint === undefined) return region === undefined ? `https://${HOST}` : `https://${region}-${HOST}`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search + url.hash !== '') {
    throw new TypeError('the RBM endpoint must be a base URL like https://rbm.example.com, without credentials');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Returns the base URL for an agent's requests. */
export type RbmEndpointFor = (agentId: string) => string;

/**
 * {@link rbmEndpoint} for each agent: `endpoint` if given, for every agent; else the host of the agent's own region, else
 * that of `region`, else the global one. An agent that is not in `agents` has no region of its own. Throws likewise.
 */
export function rbmEndpointPerAgent(agents: Agents, { region, endpoint }: RbmEndpointOptions): RbmEndpointFor {
  const base = rbmEndpoint({ region, endpoint });
  if (endpoint !== undefined) return () => base;
  return (agentId) => {
    const own = agentIn(agents, agentId)?.region;
    return own === undefined ? base : rbmEndpoint({ region: own });
  };
}
