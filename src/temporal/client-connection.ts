import { Metadata, status, type ChannelOptions, type Interceptor } from '@grpc/grpc-js';
import type { ConnectionOptions } from '@temporalio/client';
import type { TemporalConnection } from '../config/temporal-connection.js';
import { hostAndPort } from '../http/no-proxy.js';
import { authority, type Proxy, type Route } from '../http/proxies.js';
import { renewedCredentials } from './renewed-credentials.js';
import { usableRoute } from './temporal-route.js';

export interface ClientConnectionOptions {
  /** Asked for certificates at each connect, and for the API key at each call. */
  readonly current: () => TemporalConnection['options'];
  readonly route: Route;
  /** Added. */
  readonly more: ConnectionOptions;
}

/**
 * The options for a `Connection` of @temporalio/client. It presents the certificates of the moment whenever it connects,
 * sends the API key of the moment with each call, and uses the proxy of `route` and no other.
 */
export function clientConnectionOptions({ current, route: asked, more }: ClientConnectionOptions): ConnectionOptions {
  const { address = 'localhost', tls, apiKey, ...others } = current();
  const route = usableRoute(asked);
  const proxied = route.kind === 'proxy' ? through(route, address) : { address, channelArgs: {} };
  const serverName = typeof tls === 'object' ? tls?.serverNameOverride : undefined;
  const channelArgs: ChannelOptions = {
    // gRPC reads some variables for proxies itself, and others not.
    'grpc.enable_http_proxy': 0,
    ...proxied.channelArgs,
    ...(serverName !== undefined && {
      'grpc.ssl_target_name_override': serverName,
      'grpc.default_authority': serverName,
    }),
    ...more.channelArgs,
  };
  const key = apiKey === undefined ? undefined : () => current().apiKey ?? '';
  return {
    ...others,
    ...(hasCertificates(tls)
      ? renewedCredentials(current, key)
      : { ...(tls !== undefined && { tls }), ...(key !== undefined && { apiKey: key }) }),
    ...more,
    address: proxied.address,
    channelArgs,
    ...(route.kind === 'unusable' && { interceptors: [refusing(`${route.variable} ${route.problem}`)] }),
  };
}

/** Otherwise there is nothing to renew, and the SDK knows best. */
const hasCertificates = (tls: TemporalConnection['options']['tls']): boolean =>
  typeof tls === 'object' && (tls?.clientCertPair ?? tls?.serverRootCACertificate) !== undefined;

function through(proxy: Proxy, address: string): Required<Pick<ConnectionOptions, 'address' | 'channelArgs'>> {
  const { host, port = TEMPORAL_PORT } = hostAndPort(address);
  const target = authority({ host, port });
  const { credentials } = proxy;
  return {
    address: authority(proxy),
    channelArgs: {
      'grpc.http_connect_target': `dns:${target}`,
      'grpc.default_authority': target,
      ...(credentials !== undefined && {
        'grpc.http_connect_creds': `${credentials.username}:${credentials.password}`,
      }),
    },
  };
}

/** The SDK's default. */
const TEMPORAL_PORT = 7233;

/** Nothing may be sent past a proxy, so each call fails as if Temporal could not be reached. */
function refusing(details: string): Interceptor {
  return () => {
    const fields = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
    throw Object.assign(new Error(details), fields);
  };
}
