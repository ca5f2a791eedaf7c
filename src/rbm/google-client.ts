import { readFile } from 'node:fs/promises';
import { gaxios, gcpMetadata, GoogleAuth, JWT, type AuthClient, type GoogleAuthOptions } from 'google-auth-library';
import { z } from 'zod';
import { pemText } from '../config/pem-text.js';
import { NO_ACCESS_TOKEN } from '../contract/failures.js';
import type { Fetch } from '../http/exchange.js';
import { textOfBytes } from '../http/text-of-bytes.js';
import { RbmError } from './rbm-error.js';

/** The scope of every call here (RBM "phones.agentMessages"). */
const SCOPE = 'https://www.googleapis.com/auth/rcsbusinessmessaging';

/** Where access tokens come from. */
export interface TokenSource {
  readonly credentialsFile: string | undefined;
  readonly quotaProject: string | undefined;
  readonly timeoutMs: number;
  readonly fetch: Fetch;
}

export interface GoogleAccess {
  readonly client: AuthClient;
  readonly isPerson: boolean;
  /** Where the library does not read it. */
  readonly quotaProject?: string | undefined;
}

/** A new client of Google's library, which reads the credentials again. Throws an RbmError if they can't be read. */
export async function createGoogleClient({ credentialsFile, timeoutMs, fetch }: TokenSource): Promise<GoogleAccess> {
  // No retries by gaxios, since Temporal retries. It also reads no variables for proxies: `fetch` knows them.
  const transport: Transport = {
    timeout: timeoutMs,
    retryConfig: { retry: 0 },
    // A redirect could lead to a host that may not have the assertion.
    fetchImplementation: (input, init) => fetch(input, { ...init, redirect: 'error' }),
    noProxy: [EVERYTHING],
  };
  const base: GoogleAuthOptions = { scopes: [SCOPE], clientOptions: { transporterOptions: transport } };
  if (credentialsFile === undefined) {
    lookAgainForMetadataServer();
    // Without a projectId the library looks for one, also over the network. RBM needs none, and none is sent.
    const auth = new GoogleAuth({ ...base, projectId: 'not-needed' });
    const client = await auth.getClient();
    useTransport(client, transport);
    return { client, ...holderOf(auth.jsonContent) };
  }
  const key = await readKey(credentialsFile);
  // oxlint-disable-next-line typescript/no-deprecated -- the warning is about keys of others; this one is the operator's
  const client = await new GoogleAuth({ ...base, credentials: key }).getClient();
  useTransport(client, transport);
  if (client instanceof JWT && key.token_uri !== undefined) redirectTokenRequests(client, key.token_uri);
  return { client, ...holderOf(key) };
}

type Transport = typeof gaxios.instance.defaults;

/**
 * The library gives these options to the client, but not to the parts that some clients are made of. A transport with an
 * agent of its own presents a certificate, which `fetch` would not.
 */
function useTransport(part: object, transport: Transport, depth = 2): void {
  for (const value of Object.values(part) as unknown[]) {
    if (value instanceof gaxios.Gaxios) {
      if (value.defaults.agent === undefined) value.defaults = { ...value.defaults, ...transport };
    } else if (depth > 0 && typeof value === 'object' && value !== null) {
      useTransport(value, transport, depth - 1);
    }
  }
}

const EVERYTHING = /^/;
const METADATA = /\/computeMetadata\/v1/;

const word = z.string().optional().catch(undefined);
const Credentials = z.object({ type: word, audience: word, quota_project_id: word }).catch({});
/** Credentials that may act for a service account. */
const Holder = z.object({ source_credentials: Credentials }).catch({ source_credentials: {} });

/** Whose credentials they are, also those behind a service account that is impersonated, and the project that pays. */
function holderOf(json: unknown): Pick<GoogleAccess, 'isPerson' | 'quotaProject'> {
  const all = [Credentials.parse(json), Holder.parse(json).source_credentials];
  const quotaProject = all.find((one) => one.quota_project_id !== undefined)?.quota_project_id;
  return { isPerson: all.some(isPersonal), quotaProject };
}

/** A person's credentials are of Google, or of another identity provider (workforce identity). */
const isPersonal = ({ type, audience = '' }: z.infer<typeof Credentials>): boolean =>
  type === 'authorized_user' || type === 'external_account_authorized_user' || audience.includes('/workforcePools/');

/**
 * The library remembers for the process's life that the metadata server did not answer, although in Kubernetes it may
 * come seconds after the worker. And it would look for it through the proxy of the environment, which has none or another.
 */
function lookAgainForMetadataServer(): void {
  gcpMetadata.resetIsAvailableCache();
  const { defaults } = gaxios.instance;
  const noProxy = defaults.noProxy ?? [];
  if (!noProxy.includes(METADATA)) gaxios.instance.defaults = { ...defaults, noProxy: [...noProxy, METADATA] };
}

const Key = z.looseObject({ type: z.string(), token_uri: z.url({ protocol: /^https?$/ }).optional() });
type Key = z.infer<typeof Key>;

async function readKey(path: string): Promise<Key> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw notSent(`no access token: the credentials file can't be read (${code})`);
  }
  let key: Key;
  try {
    key = Key.parse(JSON.parse(textOfBytes(bytes) ?? ''));
  } catch {
    throw notSent(
      'no access token: the credentials file must be a JSON key with a type; its token_uri, if any, must be a URL',
    );
  }
  return key.type === 'service_account' ? usableKey(key) : key;
}

/** The library takes the lines of a private key only as Google writes them. Elsewhere they are often made one. */
function usableKey(key: Key): Key {
  const { client_email: email, private_key: pem } = Fields.parse(key);
  const missing = [...(email === '' ? ['client_email'] : []), ...(pem === '' ? ['private_key'] : [])];
  if (missing.length > 0) throw notSent(`no access token: the credentials file has no ${missing.join(' and no ')}`);
  return { ...key, client_email: email, private_key: pemText(pem) };
}

const field = z.string().trim().catch('');
const Fields = z.object({ client_email: field, private_key: field });

/** google-auth-library 10 ignores a service-account key's token_uri, which private endpoints need. */
function redirectTokenRequests(client: JWT, tokenUri: string): void {
  client.transporter.interceptors.request.add({
    resolved: (request) => {
      request.url = new URL(tokenUri);
      return Promise.resolve(request);
    },
  });
}

/** An RbmError: there is no access token now, but may be later. */
export const notSent = (message: string) => new RbmError({ kind: 'notSent', message, status: NO_ACCESS_TOKEN });
