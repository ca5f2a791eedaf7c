import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { availableHost, canListenAt, hostAndPort } from './available-host.js';
import { listenError, noAddress } from './listen.js';

/**
 * Where Temporal's SDK serves the worker's metrics: `[::]:9464`. It takes an address only, so a name is looked up. Throws an
 * error that names METRICS_HOST if this machine has no such name or address.
 */
export async function metricsAddress(host: string, port: number): Promise<string> {
  const address = isIP(host) === 0 ? await lookUp(host) : await availableHost(host);
  // The SDK gives every failure as one text.
  if (!(await canListenAt(address))) throw noAddress('METRICS_PORT');
  return hostAndPort(address, port);
}

async function lookUp(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (cause) {
    throw listenError('METRICS_PORT', cause);
  }
}
