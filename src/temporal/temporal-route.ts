import type { Route } from '../http/proxies.js';

/** Neither of Temporal's SDKs can use a proxy that is itself reached over TLS. */
export function usableRoute(route: Route): Route {
  if (route.kind !== 'proxy' || !route.tls) return route;
  const problem = 'must name a proxy with http:// for Temporal (GRPC_PROXY can name another one)';
  return { kind: 'unusable', variable: route.variable, problem };
}
