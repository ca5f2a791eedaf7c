import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalConnection } from '../config/temporal-connection.js';
import { within } from '../http/within.js';
import type { Logger } from '../observability/logger.js';

export interface ConnectOptions {
  readonly temporal: TemporalConnection;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** How long one attempt may take, in milliseconds: a host that swallows packets would hold it for ever. */
  readonly attemptTimeoutMs?: number;
  /** The first and the longest pause between attempts, in milliseconds. */
  readonly pauseMs?: { readonly first: number; readonly longest: number };
  /** How long a namespace that isn't there is waited for, in milliseconds. */
  readonly namespaceTimeoutMs?: number;
}

/** Temporal answered, and waiting won't change its answer. The message is for an operator. */
export class TemporalSetupError extends Error {
  override readonly name = 'TemporalSetupError';
}

/**
 * A connection to a Temporal that answers and has the namespace.
 *
 * Waits for Temporal without end, one warning per attempt: beside a server that is still starting or being restarted (a
 * compose file, a cluster), a worker that exits only adds noise. It does give up, with a {@link TemporalSetupError}, where a
 * setting must be wrong: credentials that are refused, or a namespace still missing two minutes after Temporal answered
 * (its setup may create it a little later). Throws an AbortError on `signal`.
 */
export async function connectToTemporal(options: ConnectOptions): Promise<NativeConnection> {
  const { temporal, logger, signal, namespaceTimeoutMs = 120_000 } = options;
  const { first, longest } = options.pauseMs ?? { first: 1_000, longest: 15_000 };
  let unnamedSince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const { connection, problem, reason = '' } = await attemptToConnect(options);
    if (connection !== undefined) return connection;
    const { address, namespace } = temporal;
    if (problem === 'refused') throw new TemporalSetupError(`Temporal at ${address} refuses this worker: ${reason}`);
    if (problem === 'noNamespace') unnamedSince ??= Date.now();
    if (unnamedSince !== undefined && Date.now() - unnamedSince > namespaceTimeoutMs) {
      throw new TemporalSetupError(`Temporal at ${address} has no namespace ${namespace} (TEMPORAL_NAMESPACE)`);
    }
    const retryInMs = Math.min(first * 2 ** (attempt - 1), longest);
    const message = problem === 'noNamespace' ? 'waiting for the namespace' : 'waiting for Temporal';
    logger.warn({ address, namespace, attempt, retryInMs, reason }, message);
    await delay(retryInMs, undefined, { signal });
  }
}

type Attempt =
  | { readonly connection: NativeConnection; readonly problem?: undefined; readonly reason?: undefined }
  | {
      readonly connection?: undefined;
      readonly problem: 'unreachable' | 'noNamespace' | 'refused';
      readonly reason: string;
    };

async function attemptToConnect({ temporal, signal, attemptTimeoutMs = 10_000 }: ConnectOptions): Promise<Attempt> {
  const connecting = NativeConnection.connect(temporal.options);
  try {
    const connection = await within(connecting, attemptTimeoutMs, signal);
    const { namespace } = temporal;
    const deadline = Date.now() + attemptTimeoutMs;
    const describing = connection.withDeadline(deadline, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    await within(describing, attemptTimeoutMs, signal);
    return { connection };
  } catch (error) {
    // Also one that comes to stand after we gave it up.
    connecting.then((late) => late.close()).catch(() => undefined);
    signal.throwIfAborted();
    return { problem: problemOf(error), reason: reasonOf(error) };
  }
}

/** google.rpc codes. */
const NOT_FOUND = 5;
const REFUSALS = [7, 16];
/** While connecting there is no code, only the words that the transport (tonic) has for those two. */
const REFUSAL_WORDS = /does not have permission|valid authentication credentials/;

function problemOf(error: unknown): 'unreachable' | 'noNamespace' | 'refused' {
  if (isGrpcServiceError(error)) {
    const code: number = error.code;
    if (code === NOT_FOUND) return 'noNamespace';
    return REFUSALS.includes(code) ? 'refused' : 'unreachable';
  }
  return error instanceof Error && REFUSAL_WORDS.test(error.message) ? 'refused' : 'unreachable';
}

/** The transport's messages are dumps; the words an operator needs stand in quotes inside. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /(?:message|error|code): ["']([^"']+)["']/.exec(message)?.[1] ?? message;
}
