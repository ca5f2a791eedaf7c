import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { GuardedProcess } from './guarded-process.js';

/** A server on a busy machine needs far longer than the second or two that it usually takes. */
export const START_LIMIT_MS = 60_000;
/** The time limit of one call to it. */
export const CALL_MS = 2_000;
const POLL_MS = 100;

/**
 * Waits for `ready`. Throws as soon as the server stops, with its last output, and aborts the signal that `ready` has got.
 * `title` names the server in the error.
 */
export async function untilReady(
  server: GuardedProcess,
  title: string,
  ready: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = server.ended.then(() => {
    controller.abort(new Error(`${title} stopped during its start: ${server.lastLines()}`));
    signal.throwIfAborted();
  });
  await Promise.race([ready(signal), ended]);
}

/** Repeats a call. Throws its last failure after `limitMs`, or the signal's reason after the call that it aborts. */
export async function untilItWorks(
  call: () => Promise<unknown>,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (Date.now() > end) throw error;
      await delay(POLL_MS);
    }
  }
}

/** gRPC's default pauses between attempts are long for a server that is ready in a second. */
export const connectionToStarting = (address: string): Connection =>
  Connection.lazy({
    address,
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 300 },
  });
