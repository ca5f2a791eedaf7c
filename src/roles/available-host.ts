import { once } from 'node:events';
import { createServer } from 'node:net';

/** What stands for an address where the machine has no such kind: all addresses, and this machine alone. */
const INSTEAD: Readonly<Record<string, string>> = { '::': '0.0.0.0', '127.0.0.1': '::1' };

/**
 * The host, or its counterpart where the machine lacks IPv6 or IPv4. `::` also takes IPv4 connections where there are
 * both. `canListen` is for tests.
 */
export async function availableHost(host: string, canListen = canListenAt): Promise<string> {
  const instead = Object.hasOwn(INSTEAD, host) ? INSTEAD[host] : undefined;
  return instead === undefined || (await canListen(host)) ? host : instead;
}

/** False if the machine has no such address. */
export async function canListenAt(host: string): Promise<boolean> {
  const server = createServer().listen({ host, port: 0 });
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    return !isNoAddress(error);
  } finally {
    server.close();
  }
}

/** Whether an error says that the machine has no such address, or no such kind of address. */
export const isNoAddress = (error: unknown): boolean =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN'].includes(
    (error as NodeJS.ErrnoException | undefined)?.code ?? '',
  );

/** `[::]:8080`, `127.0.0.1:8080`. */
export const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
