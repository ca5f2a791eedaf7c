import { BlockList, isIP } from 'node:net';

/** A host as an entry of NO_PROXY can name it: without brackets, in lower case. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Whether a connection to this target must not use a proxy. */
export type Exempt = (target: Target) => boolean;

/**
 * Reads NO_PROXY: entries separated by commas or white space. An entry is `*`, a host, which includes the hosts below it
 * with or without a dot or `*.` in front, an IP address, or a range such as `10.0.0.0/8`. A host or an address may have a
 * port. Ranges and addresses are compared with hosts that are addresses: no name is looked up.
 */
export function readNoProxy(text: string): Exempt {
  const rules = text
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (target) => rules.some((isMeant) => isMeant(target));
}

function ruleOf(entry: string): Exempt {
  if (entry === '*') return () => true;
  const range = rangeOf(entry);
  if (range !== undefined) return ({ host }) => isIP(host) !== 0 && range.check(host, familyOf(host));
  const { host, port } = hostAndPort(bareEntry(entry));
  const name = host.replace(/^\*?\.+/, '');
  if (name === '') return () => false;
  return (target) =>
    (port === undefined || port === target.port) &&
    (isSameHost(target.host, name) || (isIP(target.host) === 0 && target.host.endsWith(`.${name}`)));
}

/** People also copy whole URLs. */
const bareEntry = (entry: string): string =>
  entry
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/\/.*$/, '');

function rangeOf(entry: string): BlockList | undefined {
  const [, address = '', bits = ''] = /^\[?([0-9a-fA-F.:]+)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  const isRange = isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
  if (!isRange) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), familyOf(address));
  return range;
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** Splits `host:port`. An IPv6 address has a port only if it is in brackets. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const [, inBrackets, bare = text, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return { host: bareHost(inBrackets ?? bare), port: port === undefined ? undefined : Number(port) };
}

/** A host without brackets and without the dot that makes a name absolute, in lower case. */
export const bareHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** The same IPv6 address can be written in several ways. */
function isSameHost(one: string, other: string): boolean {
  if (one === other) return true;
  if (isIP(one) !== 6 || isIP(other) !== 6) return false;
  const list = new BlockList();
  list.addAddress(other, 'ipv6');
  return list.check(one, 'ipv6');
}
