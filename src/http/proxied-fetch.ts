import type { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import type { Fetch } from './exchange.js';
import { bareHost } from './no-proxy.js';
import type { Proxies, Proxy } from './proxies.js';
import { openTunnel, ProxyError } from './proxy-tunnel.js';

/**
 * A `fetch` that uses the environment's proxies. It asks a proxy for a connection (CONNECT) for http URLs too, so that
 * the proxy sees no path with a phone number, and so that a refusal by the proxy is certainly not the target's answer.
 * Without a proxy for a URL it is Node's own `fetch`.
 */
export function createFetch(proxies: Proxies): Fetch {
  const agents = new Map<string, Promise<Through>>();
  const agentFor = (proxy: Proxy): Promise<Through> => {
    const known = agents.get(proxy.variable) ?? through(proxy);
    agents.set(proxy.variable, known);
    return known;
  };
  return async (input, init) => {
    if (input instanceof Request) throw new TypeError('this fetch takes a URL');
    const route = proxies.toUrl(input);
    if (route.kind === 'direct') return globalThis.fetch(input, init);
    if (route.kind === 'unusable') throw new TypeError('fetch failed', { cause: new ProxyError('UNUSABLE') });
    const { fetch, agent } = await agentFor(route);
    // Both are undici's types, of two versions.
    const options = { ...init, dispatcher: agent } as unknown as Parameters<typeof fetch>[1];
    return fetch(input, options);
  };
}

/** undici's `fetch`, because Node's is another version of it, which can't use this one's agents. */
interface Through {
  readonly fetch: typeof undiciFetch;
  readonly agent: Agent;
}

/** Node's `fetch` is undici too, so timeouts, errors and kept connections are the same. Loaded only if it is needed. */
async function through(proxy: Proxy): Promise<Through> {
  const { Agent, buildConnector, fetch } = await import('undici');
  return { fetch, agent: new Agent({ connect: connectThrough(proxy, buildConnector({})) }) };
}

/** undici has a proxy agent, but it does not tell a failed CONNECT from a lost connection. */
function connectThrough(proxy: Proxy, secure: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const { hostname, port, protocol } = options;
    const isTls = protocol === 'https:';
    const target = { host: bareHost(hostname), port: Number(port) || (isTls ? 443 : 80) };
    openTunnel(proxy, target).then(
      (httpSocket) => {
        if (isTls) secure({ ...options, httpSocket }, callback);
        else callback(null, httpSocket);
      },
      (error: unknown) => {
        callback(error as Error, null);
      },
    );
  };
}
