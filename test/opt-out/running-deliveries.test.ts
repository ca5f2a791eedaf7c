import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { WorkflowClient } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { workflowIdFor } from '../../src/contract/ids.js';
import { recipientHash } from '../../src/opt-out/recipient-hash.js';
import { createRunningDeliveries } from '../../src/opt-out/running-deliveries.js';
import { unindexedDeliveries } from '../../src/opt-out/unindexed-deliveries.js';
import { GrpcStatus } from '../../src/temporal/grpc-status.js';

const KEY = 'test-hash-key';
const [THEIRS, ANOTHER] = ['+15550100001', '+15550100002'];
const hashes = [recipientHash(THEIRS, KEY)];
const said = { source: 'rbm', sendTime: '2026-01-02T03:04:05Z' };
const request = { recipientHashes: hashes, agentIds: ['acme'], except: [], ...said };
const ids = (count: number, first = 0) =>
  Array.from({ length: count }, (_, at) => {
    const messageId = `0b2f6d0e-3c1f-4a57-9d8e-${String(first + at).padStart(12, '0')}`;
    return workflowIdFor({ agentId: 'acme', messageId });
  });

function grpcError(code: GrpcStatus): ServiceError {
  return Object.assign(new Error(GrpcStatus[code]), { code, details: '', metadata: new Metadata() });
}

interface Fake {
  readonly indexed?: readonly string[];
  readonly unindexed?: readonly string[];
  /** The recipient in the input of each. Default: another person. */
  readonly recipientOf?: (workflowId: string) => string | Promise<string>;
  readonly listUnindexed?: () => void;
}

/** A client over a Temporal in memory, which records the signals and how many inputs are read at one time. */
function fakeClient({ indexed = [], unindexed = [], recipientOf = () => ANOTHER, listUnindexed }: Fake) {
  const signalled: string[] = [];
  const reads = { now: 0, most: 0, all: 0 };
  const workflowService = {
    listWorkflowExecutions({ query }: { readonly query: string }) {
      const isScan = query.includes('IS NULL AND RecipientHash IS NULL');
      if (isScan) listUnindexed?.();
      const executions = (isScan ? unindexed : indexed).map((workflowId) => ({ execution: { workflowId } }));
      return Promise.resolve({ executions, nextPageToken: new Uint8Array() });
    },
    async getWorkflowExecutionHistory({ execution }: { readonly execution: { readonly workflowId: string } }) {
      reads.all += 1;
      reads.now += 1;
      reads.most = Math.max(reads.most, reads.now);
      await new Promise(setImmediate);
      try {
        const payload = defaultPayloadConverter.toPayload({ recipient: await recipientOf(execution.workflowId) });
        return {
          history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads: [payload] } } }] },
        };
      } finally {
        reads.now -= 1;
      }
    },
  };
  const client = {
    options: {
      namespace: 'default',
      loadedDataConverter: { payloadCodecs: [], payloadConverter: defaultPayloadConverter },
    },
    workflowService,
    withDeadline: <T>(_: number, work: () => Promise<T>) => work(),
    getHandle: (workflowId: string) => ({
      signal() {
        signalled.push(workflowId);
        return Promise.resolve();
      },
    }),
  } as unknown as WorkflowClient;
  return { client, signalled, reads };
}

const never = () => new Promise<never>(() => undefined);
const search = (client: WorkflowClient) => ({
  client,
  timeoutMs: 10_000,
  searchMs: 30_000,
  hashKeys: [KEY] as const,
  recipientHashes: hashes,
  agentIds: ['acme'],
  except: new Set<string>(),
});

describe('the deliveries with a RecipientHash', () => {
  test.each([
    ['fails', () => Promise.reject(grpcError(GrpcStatus.UNAVAILABLE))],
    ['never ends', never],
  ])('get their signal before the search for the others starts, which %s', async (_, recipientOf) => {
    const [indexed, unindexed] = [ids(2), ids(3, 10)];
    const { client, signalled, reads } = fakeClient({ indexed, unindexed, recipientOf });
    const deliveries = createRunningDeliveries({ client, recipientHashKey: KEY });
    expect(await deliveries.signalOptedOut(request)).toEqual({ signalled: indexed, more: true });
    expect(signalled).toEqual(indexed);
    expect(reads.all).toBe(0);
  });

  test('are left out of the next call, which searches for the others', async () => {
    const [indexed, unindexed] = [ids(2), ids(3, 10)];
    const recipientOf = (workflowId: string) => (workflowId === unindexed[1] ? THEIRS : ANOTHER);
    const { client, signalled } = fakeClient({ indexed, unindexed, recipientOf });
    const deliveries = createRunningDeliveries({ client, recipientHashKey: KEY });
    const next = await deliveries.signalOptedOut({ ...request, except: indexed });
    expect(next).toEqual({ signalled: [unindexed[1]], more: false });
    expect(signalled).toEqual([unindexed[1]]);
  });

  test('are all, without a key', async () => {
    const { client, reads } = fakeClient({ indexed: ids(2), unindexed: ids(3, 10) });
    const result = await createRunningDeliveries({ client }).signalOptedOut(request);
    expect(result).toEqual({ signalled: ids(2), more: false });
    expect(reads.all).toBe(0);
  });
});

describe('the search for deliveries without a RecipientHash', () => {
  test('reads 20 inputs at one time', async () => {
    const all = ids(50);
    const recipientOf = (workflowId: string) => ([all[0], all[45]].includes(workflowId) ? THEIRS : ANOTHER);
    const { client, reads } = fakeClient({ unindexed: all, recipientOf });
    const result = await unindexedDeliveries(search(client));
    expect(result).toEqual({ found: [all[0], all[45]], isIncomplete: false, more: false });
    expect(reads).toMatchObject({ most: 20, all: 50 });
  });

  test('reads 500, and says that there are more', async () => {
    const exactly = fakeClient({ unindexed: ids(500) });
    expect(await unindexedDeliveries(search(exactly.client))).toMatchObject({ isIncomplete: false });
    const { client, reads } = fakeClient({ unindexed: ids(501), recipientOf: () => THEIRS });
    expect(await unindexedDeliveries(search(client))).toMatchObject({ found: ids(500), isIncomplete: true });
    expect(reads.all).toBe(500);
  });

  test('a delivery that was deleted meanwhile is not theirs', async () => {
    const [gone, theirs] = ids(2);
    const recipientOf = (workflowId: string) =>
      workflowId === gone ? Promise.reject(grpcError(GrpcStatus.NOT_FOUND)) : THEIRS;
    const { client } = fakeClient({ unindexed: ids(2), recipientOf });
    expect(await unindexedDeliveries(search(client))).toEqual({ found: [theirs], isIncomplete: false, more: false });
  });

  test('ends when its time is up, with what it found', async () => {
    const [theirs, hanging] = ids(2);
    const recipientOf = (workflowId: string) => (workflowId === hanging ? never() : THEIRS);
    const { client, signalled } = fakeClient({ unindexed: ids(2), recipientOf });
    const found = await unindexedDeliveries({ ...search(client), searchMs: 100 });
    expect(found).toEqual({ found: [theirs], isIncomplete: true, more: false });
    const result = await createRunningDeliveries({ client, recipientHashKey: KEY, searchMs: 100 }).signalOptedOut(
      request,
    );
    expect(result).toEqual({
      signalled: [theirs],
      more: false,
      problem: expect.stringContaining('too many') as string,
    });
    expect(signalled).toEqual([theirs]);
  });

  test('after a failure, those that were found get their signal; without any, the call fails', async () => {
    const [theirs, ...rest] = ids(25);
    const failing = rest.at(-1);
    const recipientOf = (workflowId: string) => {
      if (workflowId === failing) return Promise.reject(grpcError(GrpcStatus.UNAVAILABLE));
      return workflowId === theirs ? THEIRS : ANOTHER;
    };
    const { client, signalled } = fakeClient({ unindexed: ids(25), recipientOf });
    const deliveries = createRunningDeliveries({ client, recipientHashKey: KEY });
    expect(await deliveries.signalOptedOut(request)).toEqual({ signalled: [theirs], more: true });
    await expect(deliveries.signalOptedOut({ ...request, except: signalled })).rejects.toThrow('UNAVAILABLE');
    expect(signalled).toEqual([theirs]);
  });

  test('ends on abort, and signals nobody', async () => {
    const abort = new AbortController();
    const { client, signalled } = fakeClient({
      unindexed: ids(3),
      recipientOf: (workflowId) => (workflowId === ids(1)[0] ? THEIRS : never()),
      listUnindexed: () => {
        setTimeout(() => {
          abort.abort();
        }, 50);
      },
    });
    const deliveries = createRunningDeliveries({ client, recipientHashKey: KEY });
    await expect(deliveries.signalOptedOut(request, abort.signal)).rejects.toThrow('cancelled');
    expect(signalled).toEqual([]);
  });
});
