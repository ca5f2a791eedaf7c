import { readFile } from 'node:fs/promises';
import { GoogleAuth, JWT, type AuthClient, type GoogleAuthOptions } from 'google-auth-library';
import { z } from 'zod';
import { NO_ACCESS_TOKEN } from '../contract/failures.js';
import { withoutMark } from '../http/exchange.js';
import { TookTooLongError, within } from '../http/within.js';
import { RbmError } from './rbm-error.js';

/** Access tokens for RBM, cached until shortly before they expire. */
export interface RbmAuth {
  /** Throws an RbmError: `unauthenticated` when the token endpoint refused, `notSent` when it is not available now. */
  accessToken(): Promise<string>;
  /** Forgets this token after RBM answered 401 to it; a newer one stays cached. Without `token`, forgets the cached one. */
  invalidate(token?: string): void;
}

export interface RbmAuthOptions {
  /** A key file, as GOOGLE_APPLICATION_CREDENTIALS names it. Default: Application Default Credentials. */
  readonly credentialsFile?: string | undefined;
  /** The time limit for getting a token, in milliseconds. Default: 10,000. */
  readonly tokenTimeoutMs?: number;
}

/** The scope of every call here (RBM "phones.agentMessages"). */
const SCOPE = 'https://www.googleapis.com/auth/rcsbusinessmessaging';

interface Held {
  readonly token: string;
  /** When a new token is fetched in the background, epoch milliseconds. This one stays in use meanwhile. */
  readonly renewTime: number;
  /** When this token is no longer used, epoch milliseconds. */
  readonly endTime: number;
}

/**
 * Fetches a token about once an hour, each with a new client, so that a rotated key file is read and a fetch that hangs
 * has no lasting effect. Concurrent callers share one fetch.
 */
export function createRbmAuth({ credentialsFile, tokenTimeoutMs = 10_000 }: RbmAuthOptions): RbmAuth {
  let held: Held | undefined;
  let pending: Promise<Held> | undefined;

  const fetchHeld = async (): Promise<Held> => {
    try {
      held = await within(fetchToken({ credentialsFile, timeoutMs: tokenTimeoutMs }), tokenTimeoutMs);
      return held;
    } catch (error) {
      // While the old token is valid, the next attempt waits for 30 s.
      if (held !== undefined) held = { ...held, renewTime: Date.now() + 30_000 };
      throw noToken(error);
    } finally {
      pending = undefined;
    }
  };
  const renew = (): Promise<Held> => (pending ??= fetchHeld());

  return {
    accessToken: async () => {
      if (held === undefined || Date.now() >= held.endTime) return (await renew()).token;
      if (Date.now() >= held.renewTime) void renew().catch(() => undefined);
      return held.token;
    },
    invalidate: (token) => {
      if (token === undefined || held?.token === token) held = undefined;
    },
  };
}

interface TokenSource {
  readonly credentialsFile: string | undefined;
  readonly timeoutMs: number;
}

async function fetchToken(source: TokenSource): Promise<Held> {
  const client = await authClient(source);
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || token === '') throw new Error('the answer holds no access token');
  const now = Date.now();
  const expiry = client.credentials.expiry_date;
  const life = typeof expiry === 'number' && Number.isFinite(expiry) ? expiry - now : 300_000;
  return {
    token,
    renewTime: now + Math.max(life - 300_000, life / 2),
    endTime: now + life - Math.min(10_000, life / 10),
  };
}

async function authClient({ credentialsFile, timeoutMs }: TokenSource): Promise<AuthClient> {
  // No retries by gaxios, since Temporal retries. Node's fetch, so that requests for tokens use the same proxies as RBM's.
  const clientOptions = {
    transporterOptions: { timeout: timeoutMs, retryConfig: { retry: 0 }, fetchImplementation: globalThis.fetch },
  };
  const base: GoogleAuthOptions = { scopes: [SCOPE], clientOptions };
  if (credentialsFile === undefined) {
    // Without a projectId the library looks for one, also over the network. RBM needs none, and none is sent.
    return new GoogleAuth({ ...base, projectId: 'not-needed' }).getClient();
  }
  const key = await readKey(credentialsFile);
  // oxlint-disable-next-line typescript/no-deprecated -- the warning is about keys of others; this one is the operator's
  const client = await new GoogleAuth({ ...base, credentials: key }).getClient();
  if (client instanceof JWT && key.token_uri !== undefined) redirectTokenRequests(client, key.token_uri);
  return client;
}

const Key = z.looseObject({ type: z.string(), token_uri: z.url({ protocol: /^https?$/ }).optional() });

async function readKey(path: string): Promise<z.infer<typeof Key>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw notSent(`no access token: the credentials file can't be read (${code})`);
  }
  try {
    return Key.parse(JSON.parse(withoutMark(text)));
  } catch {
    throw notSent(
      'no access token: the credentials file must be a JSON key with a type; its token_uri, if any, must be a URL',
    );
  }
}

/** google-auth-library 10 ignores a service-account key's token_uri, which private endpoints need. */
function redirectTokenRequests(client: JWT, tokenUri: string): void {
  client.transporter.interceptors.request.add({
    resolved: (request) => {
      request.url = new URL(tokenUri);
      return Promise.resolve(request);
    },
  });
}

/** What the library throws when the token endpoint answered. */
const Refusal = z.object({
  response: z.object({
    status: z.number(),
    data: z
      .object({ error: z.string().regex(/^[a-z_]{1,40}$/) })
      .optional()
      .catch(undefined),
  }),
});

function noToken(error: unknown): RbmError {
  if (error instanceof RbmError) return error;
  const { response } = Refusal.safeParse(error).data ?? {};
  if (response === undefined) return notSent(`no access token: ${faultOf(error)}`);
  const { status: httpStatus, data } = response;
  const refused = httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
  const answered = `no access token: the token endpoint answered ${String(httpStatus)}`;
  const message = data === undefined ? answered : `${answered} ${data.error}`;
  // The status is only in the message: as `httpStatus` it would be mistaken for RBM's.
  return refused ? new RbmError({ kind: 'unauthenticated', message, status: data?.error }) : notSent(message);
}

const notSent = (message: string) => new RbmError({ kind: 'notSent', message, status: NO_ACCESS_TOKEN });

/** The system's code in an error or its causes. Other text may repeat part of the key or a URL. */
function faultOf(error: unknown): string {
  if (error instanceof TookTooLongError) return 'it took too long';
  if (!(error instanceof Error)) return 'the credentials gave no usable answer';
  if (error.message.startsWith('Could not load the default credentials')) return 'there are no credentials';
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && /^E[A-Z0-9_]+$/.test(code) ? code : faultOf(error.cause);
}
