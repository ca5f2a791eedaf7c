import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import type { TemporalConnection } from '../config/temporal-connection.js';
import { authority, type Proxy, type Route } from '../http/proxies.js';
import { within } from '../http/within.js';
import type { Logger } from '../observability/logger.js';
import { withDeadline } from './deadline.js';
import { GrpcStatus, grpcStatusOf } from './grpc-status.js';
import { readableReason, saysCredentialsRefused } from './server-texts.js';
import { usableRoute } from './temporal-route.js';

export interface ConnectOptions {
  readonly temporal: TemporalConnection;
  /** What the files of `temporal` hold at the moment. Default: `temporal.options`. */
  readonly current?: () => TemporalConnection['options'];
  /** Default: no proxy. */
  readonly route?: Route;
  readonly logger: Logger;
  /** Stops the wait. */
  readonly signal: AbortSignal;
  /** Milliseconds for one attempt: a host that drops packets would hold it forever. Default 10 000. */
  readonly attemptTimeoutMs?: number;
  /** The first and the longest pause between attempts, in milliseconds. Default 1 000 and 15 000. */
  readonly pauseMs?: { readonly first: number; readonly longest: number };
  /** Milliseconds to wait for a missing namespace. Default 120 000. */
  readonly namespaceTimeoutMs?: number;
}

/** Temporal answered, and a repetition would get the same answer. The message is for an operator. */
export class TemporalSetupError extends Error {
  override readonly name = 'TemporalSetupError';
}

/**
 * A connection to a Temporal that answers and has the namespace. Waits for Temporal without limit, with one warning per
 * attempt: next to a server that is starting, a worker that exits only adds noise. Throws an AbortError on `signal`,
 * and a {@link TemporalSetupError} if a setting must be wrong: the credentials are refused, or the namespace is still
 * missing two minutes after Temporal answered (its setup may create it a little later).
 */
export async function connectToTemporal(options: ConnectOptions): Promise<NativeConnection> {
  const { temporal, logger, signal, namespaceTimeoutMs = 120_000 } = options;
  const { address, namespace } = temporal;
  const { first, longest } = options.pauseMs ?? { first: 1_000, longest: 15_000 };
  let namespaceMissingSince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptToConnect(options);
    if ('connection' in result) return result.connection;
    const { problem, reason } = result;
    if (problem === 'refused') throw new TemporalSetupError(`Temporal at ${address} refuses this worker: ${reason}`);
    if (problem === 'noNamespace') namespaceMissingSince ??= Date.now();
    if (namespaceMissingSince !== undefined && Date.now() - namespaceMissingSince > namespaceTimeoutMs) {
      throw new TemporalSetupError(`Temporal at ${address} has no namespace ${namespace} (TEMPORAL_NAMESPACE)`);
    }
    const retryInMs = Math.min(first * 2 ** (attempt - 1), longest);
    const message = problem === 'noNamespace' ? 'waiting for the namespace' : 'waiting for Temporal';
    logger.warn({ address, namespace, attempt, retryInMs, reason }, message);
    await delay(retryInMs, undefined, { signal });
  }
}

type Problem = 'unreachable' | 'noNamespace' | 'refused';
/** What one attempt came to. */
export type Attempt =
  | { readonly connection: NativeConnection }
  | { readonly problem: Problem; readonly reason: string };

/** Connects and asks for the namespace, once. Throws an AbortError on `signal`. */
export async function attemptToConnect({
  temporal,
  current = () => temporal.options,
  route: asked = { kind: 'direct' },
  signal,
  attemptTimeoutMs: timeoutMs = 10_000,
}: Omit<ConnectOptions, 'logger'>): Promise<Attempt> {
  const route = usableRoute(asked);
  // Past the proxy nothing may be sent, so this counts as a Temporal that does not answer.
  if (route.kind === 'unusable') return { problem: 'unreachable', reason: `${route.variable} ${route.problem}` };
  const proxy = route.kind === 'proxy' && through(route);
  const connecting = NativeConnection.connect({ ...current(), ...proxy });
  try {
    const connection = await within(connecting, timeoutMs, signal);
    const { namespace } = temporal;
    await withDeadline(connection, { timeoutMs, signal }, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return { connection };
  } catch (error) {
    // A connection may still be made after this attempt was given up.
    connecting.then((late) => late.close()).catch(() => undefined);
    signal.throwIfAborted();
    return { problem: problemOf(error), reason: readableReason(error) };
  }
}

/** A NativeConnection reads no variables. */
function through(proxy: Proxy): Pick<NativeConnectionOptions, 'proxy'> {
  const { credentials: basicAuth } = proxy;
  const targetHost = authority(proxy);
  return { proxy: { type: 'http-connect', targetHost, ...(basicAuth !== undefined && { basicAuth }) } };
}

function problemOf(error: unknown): Problem {
  const code = grpcStatusOf(error);
  if (code === GrpcStatus.NOT_FOUND) return 'noNamespace';
  const refused =
    code === undefined
      ? saysCredentialsRefused(error)
      : code === GrpcStatus.PERMISSION_DENIED || code === GrpcStatus.UNAUTHENTICATED;
  return refused ? 'refused' : 'unreachable';
}
