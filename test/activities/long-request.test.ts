import { setTimeout as delay } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ActivityCancellationDetails } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { longRequest } from '../../src/activities/long-request.js';

/** Runs the request as an activity, and notes its heartbeats. */
function over(info: { readonly isLocal?: boolean } = {}) {
  const environment = new MockActivityEnvironment(info);
  const heartbeats: unknown[] = [];
  const waiting: (() => void)[] = [];
  environment.on('heartbeat', (details) => {
    heartbeats.push(details);
    waiting.shift()?.();
  });
  return { environment, heartbeats, nextHeartbeat: () => new Promise<void>((resolve) => waiting.push(resolve)) };
}

/** Whether a request is aborted by what the worker does from outside of the activity. */
async function abortedAfter(act: (environment: MockActivityEnvironment) => void): Promise<boolean> {
  const { environment } = over();
  let goOn = (): void => undefined;
  const mayEnd = new Promise<void>((resolve) => (goOn = resolve));
  const ended = environment.run(() =>
    longRequest(async (signal) => {
      await mayEnd;
      return signal.aborted;
    }),
  );
  act(environment);
  goOn();
  return (await ended) as boolean;
}

describe('a request that takes long', () => {
  test('heartbeats with its details until it has ended; a quick one does not', async () => {
    const { environment, heartbeats, nextHeartbeat } = over();
    await environment.run(() => longRequest(() => Promise.resolve()));
    expect(heartbeats).toEqual([]);
    const answer = await environment.run(() =>
      longRequest(
        async () => {
          await nextHeartbeat();
          await nextHeartbeat();
          return 'answer';
        },
        () => ({ provider: 'twilio' }),
      ),
    );
    expect(answer).toBe('answer');
    expect(heartbeats.slice(0, 2)).toEqual([{ provider: 'twilio' }, { provider: 'twilio' }]);
    const before = heartbeats.length;
    await delay(1_500);
    expect(heartbeats).toHaveLength(before);
  });

  test('does not heartbeat as a local activity', async () => {
    const { environment, heartbeats } = over({ isLocal: true });
    await environment.run(() => longRequest(() => delay(1_500)));
    expect(heartbeats).toEqual([]);
  });

  test('runs to its end when the activity is cancelled, since its answer tells what it has done', async () => {
    expect(
      await abortedAfter(({ cancel }) => {
        cancel();
      }),
    ).toBe(false);
  });

  test('is aborted when the worker must stop', async () => {
    const shutdown = new ActivityCancellationDetails({ workerShutdown: true });
    expect(
      await abortedAfter(({ cancel }) => {
        cancel('WORKER_SHUTDOWN', shutdown);
      }),
    ).toBe(true);
  });
});
