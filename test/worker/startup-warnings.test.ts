import type { NativeConnection } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/observability/logger.js';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { RbmError } from '../../src/rbm/rbm-error.js';
import { warnOfShortRetention, warnWithoutAccess } from '../../src/worker/startup-warnings.js';

async function said(accessToken: RbmAuth['accessToken'], signal = new AbortController().signal) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'trace', role: 'worker', destination });
  const auth = { accessToken, invalidate: () => undefined };
  await warnWithoutAccess({ auth, logger, signal, timeoutMs: 20 });
  return lines;
}
const never = () => new Promise<never>(() => undefined);

test('without an access token there is one warning, with the reason and what to check', async () => {
  const message = 'no access token: there are no credentials';
  expect(await said(() => Promise.reject(new RbmError({ kind: 'notSent', message })))).toEqual([
    expect.objectContaining({
      level: 'warn',
      reason: message,
      msg: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS') as string,
    }),
  ]);
  expect(await said(never)).toEqual([expect.objectContaining({ level: 'warn', reason: 'took too long' })]);
});

test('credentials of a person are warned of, others are not', async () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'warn',
    role: 'worker',
    destination: { write: (line) => void lines.push(line) },
  });
  const warned = async (isPerson: boolean) => {
    const auth = {
      accessToken: () => Promise.resolve('token'),
      invalidate: () => undefined,
      caller: () => ({ isPerson }),
    };
    await warnWithoutAccess({ auth, logger, signal: new AbortController().signal });
    return lines.splice(0);
  };
  expect(await warned(true)).toEqual([expect.stringContaining("a person's credentials")]);
  expect(await warned(false)).toEqual([]);
});

test.each([
  ['may not be read', () => Promise.reject(new Error('PERMISSION_DENIED'))],
  ['is not told', () => Promise.resolve({ config: {} })],
  ['never comes', never],
])('a retention that %s is no warning', async (_title, describeNamespace) => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'warn', role: 'worker', destination });
  const withDeadline = (_deadline: unknown, work: () => Promise<unknown>) => work();
  const connection = { workflowService: { describeNamespace }, withDeadline } as unknown as NativeConnection;
  await warnOfShortRetention({ connection, namespace: 'default', logger });
  expect(lines).toEqual([]);
});

test('with an access token, or while the worker shuts down, there is no warning', async () => {
  expect(await said(() => Promise.resolve('token'))).toEqual([]);
  expect(await said(never, AbortSignal.abort())).toEqual([]);
});
