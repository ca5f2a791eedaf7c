import { z } from 'zod';
import type { Fetch } from '../http/exchange.js';
import { TookTooLongError, within } from '../http/within.js';
import { createGoogleClient, notSent, type TokenSource } from './google-client.js';
import { RbmError } from './rbm-error.js';

/** Access tokens for RBM, cached until shortly before they expire. */
export interface RbmAuth {
  /** Throws an RbmError: `unauthenticated` when the token endpoint refused, `notSent` when it is not available now. */
  accessToken(): Promise<string>;
  /** Forgets this token after RBM answered 401 to it; a newer one stays cached. Without `token`, forgets the cached one. */
  invalidate(token?: string): void;
  /** Whom the last token stands for. Undefined before the first one. Absent: nothing is known of it. */
  caller?(): RbmCaller | undefined;
}

interface RbmCaller {
  /** These are a person's own credentials, such as those of `gcloud auth application-default login`. */
  readonly isPerson: boolean;
  /** The Google Cloud project that the calls count for, sent as x-goog-user-project. */
  readonly quotaProject?: string | undefined;
}

export interface RbmAuthOptions {
  /** A key file, as GOOGLE_APPLICATION_CREDENTIALS names it. Default: Application Default Credentials. */
  readonly credentialsFile?: string | undefined;
  /** GOOGLE_CLOUD_QUOTA_PROJECT. Default: the credentials' own `quota_project_id`. */
  readonly quotaProject?: string | undefined;
  /** The time limit for getting a token, in milliseconds. Default: 10,000. */
  readonly tokenTimeoutMs?: number;
  /** For every request but those to the metadata server. Default: Node's, which uses no proxy. */
  readonly fetch?: Fetch;
}

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
export function createRbmAuth(options: RbmAuthOptions): RbmAuth {
  const { credentialsFile, quotaProject, tokenTimeoutMs = 10_000, fetch = globalThis.fetch } = options;
  const source = { credentialsFile, quotaProject, timeoutMs: tokenTimeoutMs, fetch };
  let held: Held | undefined;
  let caller: RbmCaller | undefined;
  let pending: Promise<Held> | undefined;

  const fetchHeld = async (): Promise<Held> => {
    try {
      const fetched = await within(fetchToken(source), tokenTimeoutMs);
      ({ caller } = fetched);
      held = fetched;
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
    caller: () => caller,
  };
}

async function fetchToken(source: TokenSource): Promise<Held & { caller: RbmCaller }> {
  const { client, isPerson, quotaProject } = await createGoogleClient(source);
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || token === '') throw new Error('the answer holds no access token');
  const now = Date.now();
  const expiry = client.credentials.expiry_date;
  const life = typeof expiry === 'number' && Number.isFinite(expiry) ? expiry - now : 300_000;
  return {
    token,
    caller: { isPerson, quotaProject: sendable(source.quotaProject ?? client.quotaProjectId ?? quotaProject) },
    renewTime: now + Math.max(life - 300_000, life / 2),
    endTime: now + life - Math.min(10_000, life / 10),
  };
}

/** A header can hold it. */
const sendable = (project: string | undefined): string | undefined =>
  project !== undefined && /^[\x21-\x7e]+$/.test(project) ? project : undefined;

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

/** The system's code in an error or its causes. Other text may repeat part of the key or a URL. */
function faultOf(error: unknown): string {
  if (error instanceof TookTooLongError) return 'it took too long';
  if (!(error instanceof Error)) return 'the credentials gave no usable answer';
  if (error.message.startsWith('Could not load the default credentials')) return 'there are no credentials';
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && /^E[A-Z0-9_]+$/.test(code) ? code : faultOf(error.cause);
}
