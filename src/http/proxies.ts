import { bareValue } from '../contract/bare-value.js';
import { bareHost, hostAndPort, readNoProxy, type Exempt, type Target } from './no-proxy.js';

/** A proxy that opens connections with CONNECT. */
export interface Proxy {
  readonly kind: 'proxy';
  /** The variable that names it. */
  readonly variable: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the connection to the proxy itself uses TLS. */
  readonly tls: boolean;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** A variable asks for a proxy in a way that can't be followed. Nothing may be sent past it. */
interface UnusableProxy {
  readonly kind: 'unusable';
  readonly variable: string;
  /** Why, without the value, which may hold a password. */
  readonly problem: string;
}

/** How a connection is made. */
export type Route = { readonly kind: 'direct' } | Proxy | UnusableProxy;

/** What the environment says about proxies, for every connection of a process. */
export interface Proxies {
  /** For an http or https URL. */
  toUrl(url: string | URL): Route;
  /** For Temporal's frontend, `host:port`. */
  toTemporal(address: string): Route;
  /** For a log: what https and http URLs use, other than the exceptions. Undefined if no variable names a proxy. */
  readonly summary: { readonly https: string; readonly http: string } | undefined;
  /** Of each variable that can't be followed. */
  readonly unusable: readonly UnusableProxy[];
}

/** Environment variables by name. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

const DIRECT: Route = { kind: 'direct' };

/** The first one that is set decides. gRPC's own come first for Temporal, and are the only ones that it adds. */
const VARIABLES = {
  https: ['https_proxy', 'all_proxy'],
  http: ['http_proxy', 'all_proxy'],
  temporal: ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy'],
} as const;
const METADATA = ['gce_metadata_host', 'gce_metadata_ip'];
const EXCEPTIONS = { url: ['no_proxy'], temporal: ['no_grpc_proxy', 'no_proxy'] } as const;

/** The port that Temporal's SDKs assume. */
const TEMPORAL_PORT = 7233;

/** The variables that `readProxies` reads. Undefined if none is set. */
export function proxyVariables(environment: ProxyVariables): ProxyVariables | undefined {
  const read: readonly string[] = [
    ...Object.values(VARIABLES).flat(),
    ...Object.values(EXCEPTIONS).flat(),
    ...METADATA,
  ];
  const set = Object.entries(environment).filter(([name, value]) => read.includes(name.toLowerCase()) && value !== '');
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

/** Reads the variables for proxies in either case. Wrong values are reported in `unusable`, and never thrown. */
export function readProxies(environment: ProxyVariables = {}): Proxies {
  const [https, http, temporal] = (['https', 'http', 'temporal'] as const).map((use) =>
    routeOf(environment, VARIABLES[use]),
  ) as [Route, Route, Route];
  const exempt = readNoProxy(valueOf(environment, EXCEPTIONS.url)?.value ?? '');
  const temporalExempt = readNoProxy(valueOf(environment, EXCEPTIONS.temporal)?.value ?? '');
  const isMetadata = metadataServer(environment);
  const routes = [https, http, temporal];
  return {
    toUrl: (given) => {
      const url = new URL(given);
      const target = { host: bareHost(url.hostname), port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
      return isMetadata(target) || exempt(target) ? DIRECT : url.protocol === 'https:' ? https : http;
    },
    toTemporal: (address) => {
      const { host, port = TEMPORAL_PORT } = hostAndPort(address);
      return temporalExempt({ host, port }) ? DIRECT : temporal;
    },
    summary: routes.every(({ kind }) => kind === 'direct')
      ? undefined
      : { https: nameOfRoute(https), http: nameOfRoute(http) },
    unusable: uniqueByVariable(routes.filter((route) => route.kind === 'unusable')),
  };
}

/** `host:port`, with brackets around an IPv6 address. */
export const authority = ({ host, port }: Target): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** For a log, without credentials: the host and port of the proxy, or `direct`. */
export function nameOfRoute(route: Route): string {
  if (route.kind === 'direct') return 'direct';
  return route.kind === 'proxy' ? authority(route) : `none, because of ${route.variable}`;
}

const uniqueByVariable = (routes: readonly UnusableProxy[]): readonly UnusableProxy[] => [
  ...new Map(routes.map((route) => [route.variable, route])).values(),
];

/** An empty variable counts as unset. Lower case takes precedence, as in curl. */
function valueOf(environment: ProxyVariables, names: readonly string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const spellings = Object.keys(environment).filter((spelling) => spelling.toLowerCase() === name);
    // ASCII sorts capital letters first.
    for (const spelling of spellings.toSorted().toReversed()) {
      const value = bareValue(environment[spelling] ?? '');
      if (value !== '') return { name: spelling, value };
    }
  }
  return undefined;
}

function routeOf(environment: ProxyVariables, names: readonly string[]): Route {
  const found = valueOf(environment, names);
  return found === undefined ? DIRECT : readProxy(found.name, found.value);
}

function readProxy(variable: string, value: string): Route {
  const unusable = (problem: string): UnusableProxy => ({ kind: 'unusable', variable, problem });
  const text = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(text) || (text !== value && /^[a-z]+:\//i.test(value))) {
    return unusable('must be a URL such as http://proxy.example.com:3128');
  }
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  // What stands before such a character would be taken for the host.
  if (text.includes('\\') || (pathname + search + hash).includes('@')) {
    return unusable('must have \\ / ? # in a user name or a password as %5C %2F %3F %23');
  }
  const tls = protocol === 'https:';
  if (!tls && protocol !== 'http:') return unusable('must name a proxy that is used with http:// or https://');
  const proxy = { variable, host: bareHost(hostname), port: Number(port) || (tls ? 443 : 80), tls } as const;
  if (username === '') return { kind: 'proxy', ...proxy };
  try {
    const credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
    return { kind: 'proxy', ...proxy, credentials };
  } catch {
    return unusable('has a user name or a password with a % that is not followed by two digits');
  }
}

/** Google's metadata server answers only its own machine, so a proxy would ask for the proxy's identity, or be refused. */
function metadataServer(environment: ProxyVariables): Exempt {
  const own = [environment['GCE_METADATA_HOST'], environment['GCE_METADATA_IP']]
    .map((host) => bareValue(host ?? ''))
    .filter((host) => host !== '')
    .map((host) => hostAndPort(host.replace(/^https?:\/\//, '')).host);
  const hosts = new Set(['169.254.169.254', 'metadata.google.internal', 'fd20:ce::254', ...own]);
  return ({ host }) => hosts.has(host);
}
