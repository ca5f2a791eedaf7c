import { randomUUID } from 'node:crypto';
import { setImmediate as soon } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CHECKS, type CheckName, type Verdict } from '../../src/gateway-check/checks.js';
import { RECEIPTS_PATH } from '../../src/gateway-check/receipt-listener.js';
import { runChecks, type CheckOptions } from '../../src/gateway-check/run-checks.js';
import { MOST_SMS, SMS_COUNT, testMessages } from '../../src/gateway-check/test-sms.js';
import { deadUrl, serve, silence } from '../http/loopback.js';
import { startGateway, TOKEN, type Faults } from './support/fake-gateway.js';
import { SECRET } from './support/fake-receipts.js';

interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly sent: readonly string[];
  /** The pauses before repeats. Milliseconds. */
  readonly pauses: readonly number[];
}

/** Runs every check against a gateway with these faults, without the pauses. */
async function judge(faults: Faults, { withReceipts = false, ...changed }: Changes = {}): Promise<Judged> {
  const gateway = await startGateway(faults);
  const pauses: number[] = [];
  const receipts = {
    ...{ port: 0, secrets: [SECRET], timeoutMs: 60_000, settleMs: 0, ...changed.receipts },
    onListening: (port: number) => {
      gateway.postReceiptsTo(`http://127.0.0.1:${String(port)}${RECEIPTS_PATH}`);
    },
  };
  const checks = runChecks({
    ...{ url: gateway.url, token: TOKEN, fetch: globalThis.fetch, signal: new AbortController().signal },
    messages: testMessages({ to: '+15550100001', from: 'ACME', run: 'run1', uuid: randomUUID }),
    pause: async (ms) => {
      pauses.push(ms);
      await soon();
    },
    cutMoment: gateway.cutMoment,
    ...changed,
    receipts: withReceipts ? receipts : undefined,
  });
  const verdicts: Verdict[] = [];
  for await (const verdict of checks) verdicts.push(verdict);
  return { verdicts, sent: gateway.sent, pauses };
}
type Changes = Partial<Omit<CheckOptions, 'receipts'>> & {
  readonly withReceipts?: boolean;
  readonly receipts?: { readonly timeoutMs: number };
};

const namesOf = (verdicts: readonly Verdict[], result: Verdict['result']) =>
  verdicts.filter((verdict) => verdict.result === result).map(({ check }) => check);
const foundBy = (verdicts: readonly Verdict[], name: CheckName) => verdicts.find(({ check }) => check === name)?.found;

describe('a gateway that conforms', () => {
  test('passes every check, and sends each SMS once', async () => {
    const { verdicts, sent } = await judge({}, { withReceipts: true });
    expect(verdicts.map(({ check, result }) => [check, result])).toEqual(
      Object.keys(CHECKS).map((check) => [check, 'ok']),
    );
    expect(sent.map((text) => text.split(': ').at(-1))).toEqual(
      Array.from({ length: SMS_COUNT }, (_, index) => `SMS ${String(index + 1)} of ${String(SMS_COUNT)}`),
    );
  });

  test('may send SENT first, and its receipts in the words of SMPP', async () => {
    const { verdicts } = await judge({ statuses: ['ACCEPTD', 'DELIVRD'] }, { withReceipts: true });
    expect(namesOf(verdicts, 'ok')).toEqual(Object.keys(CHECKS));
  });

  test.each([409, 425, 429, 503])('may answer %i to a repeat while the first request runs', async (busyStatus) => {
    const { verdicts, sent, pauses } = await judge({ busyStatus });
    expect(namesOf(verdicts, 'failed')).toEqual([]);
    expect(sent).toHaveLength(SMS_COUNT);
    expect(pauses[0]).toBe(1_000);
  });

  test('may allow few requests in a second', async () => {
    const { verdicts, sent } = await judge({ throttles: true, prompt: true });
    expect(namesOf(verdicts, 'failed')).toEqual([]);
    expect(sent).toHaveLength(SMS_COUNT);
  });

  test('has its connection cut as soon as it has the request, however fast it is', async () => {
    const { verdicts, sent } = await judge({ prompt: true }, { cutMoment: undefined });
    expect(namesOf(verdicts, 'failed')).toEqual([]);
    expect(foundBy(verdicts, 'lost-answer')).toBe('every answer has the same id');
    expect(sent).toHaveLength(SMS_COUNT);
  });

  test('may answer before its connection is cut, which is said', async () => {
    const { verdicts } = await judge({ prompt: true }, { withReceipts: true, cutMoment: () => new Promise(() => 0) });
    expect(namesOf(verdicts, 'ok')).toEqual(Object.keys(CHECKS));
    expect(foundBy(verdicts, 'lost-answer')).toBe('not seen: the answer came before the cut');
    expect(foundBy(verdicts, 'receipt-final')).toBe(`one for each of ${String(SMS_COUNT)} SMS`);
  });

  test('is judged without receipts if nobody listens for them', async () => {
    const { verdicts } = await judge({});
    expect(namesOf(verdicts, 'skipped')).toEqual(Object.keys(CHECKS).filter((name) => name.startsWith('receipt-')));
  });
});

describe('each fault fails its own check', () => {
  test.each<[string, Faults, CheckName, string]>([
    ['takes any token', { anyToken: true }, 'wrong-token', '2xx'],
    ['answers a wrong token with 400', { tokenStatus: 400 }, 'wrong-token', '400, taken as recipient'],
    ['answers a wrong token with 404', { tokenStatus: 404 }, 'wrong-token', '404, taken as account'],
    ['accepts a wrong number', { numberAnswer: [202, { id: 'x' }] }, 'wrong-number', '2xx'],
    ['has no wrong number', { numberAnswer: [404] }, 'wrong-number', '404, taken as account'],
    ['fails on a wrong number', { numberAnswer: [500] }, 'wrong-number', '500'],
    ['has a wrong reason', { numberAnswer: [400, { reason: 'optedOut' }] }, 'wrong-number', '400, taken as optedOut'],
    ['remembers a refusal', { refusalsKept: true }, 'accepted', '401, taken as account'],
    ['gives no id', { noId: true }, 'accepted', '2xx, without a usable id'],
    ['ignores the key', { noKeys: true }, 'repeat', '2 ids for one key'],
    ['compares the body', { bodyCounts: true }, 'repeat', '2 ids for one key'],
    ['stores the key late', { lateKey: true }, 'two-at-once', '2 ids for one key'],
    ['keeps a key locked', { lockedKey: true }, 'lost-answer', '409'],
    ['wants a long validity', { leastValidity: 60 }, 'short-validity', '400, taken as recipient'],
  ])('one that %s', async (_, faults, name, found) => {
    const { verdicts, sent } = await judge(faults);
    expect(namesOf(verdicts, 'failed')).toEqual([name]);
    expect(foundBy(verdicts, name)).toContain(found);
    expect(sent.length).toBeLessThanOrEqual(MOST_SMS);
  });

  test('one that is too slow for a worker', async () => {
    const { verdicts } = await judge({ silentAt: 4 }, { timeoutMs: 1_500 });
    expect(namesOf(verdicts, 'failed')).toEqual(['short-validity', 'answer-time']);
    expect(foundBy(verdicts, 'short-validity')).toContain('gave no answer: no answer in time');
  });

  test.each<[string, Faults, CheckName, string]>([
    ['signs with another secret', { receipts: 'unsigned' }, 'receipt-request', 'not signed with SMS_WEBHOOK_SECRET'],
    ['compresses receipts', { receipts: 'compressed' }, 'receipt-request', 'compressed'],
    ['posts receipts as a form', { receipts: 'form' }, 'receipt-request', 'application/json'],
    ['posts receipts elsewhere', { receipts: 'elsewhere' }, 'receipt-request', 'not a POST to /webhooks/sms/http'],
    ['sends no receipts', { statuses: [] }, 'receipt-request', 'no receipt came in time'],
    ['has its own words', { statuses: ['DELVRED', 'DELIVERED'] }, 'receipt-status', 'unknown status: DELVRED'],
    [
      'repeats no receipt',
      { receipts: 'notRepeated', statuses: ['SENT', 'DELIVERED'] },
      'receipt-repeated',
      'not come',
    ],
    ['repeats under another id', { receipts: 'otherIds' }, 'receipt-repeated', 'under another webhook-id'],
    ['sends no final receipt', { statuses: ['SENT'] }, 'receipt-final', 'no final receipt for 4 of 4 SMS'],
    ['sends two', { statuses: ['DELIVERED', 'DELIVERED'] }, 'receipt-final', 'several final receipts for 4 of 4 SMS'],
    ['contradicts itself', { statuses: ['UNDELIVERED', 'DELIVERED'] }, 'receipt-final', 'several final receipts'],
    ['forgets a key whose caller is gone', { lostKey: true }, 'receipt-final', 'several final receipts for 1 of 4 SMS'],
  ])('one that %s', async (_, faults, name, found) => {
    const { verdicts } = await judge(faults, { withReceipts: true, receipts: { timeoutMs: 500 } });
    expect(namesOf(verdicts, 'failed')).toEqual([name]);
    expect(foundBy(verdicts, name)).toContain(found);
  });
});

test('no further SMS is sent to a gateway that ignores keys, or accepts nothing', async () => {
  const ignoring = await judge({ noKeys: true });
  expect(namesOf(ignoring.verdicts, 'skipped')).toEqual(expect.arrayContaining(['two-at-once', 'lost-answer']));
  const refusing = await judge({ refusalsKept: true });
  expect(namesOf(refusing.verdicts, 'skipped')).toEqual(
    expect.arrayContaining(['repeat', 'two-at-once', 'lost-answer', 'short-validity']),
  );
  expect(refusing.sent).toEqual([]);
});

describe('a gateway that does not answer fails one check, and nothing else is asked of it', () => {
  test('nobody listens', async () => {
    const { verdicts } = await judge({}, { url: await deadUrl() });
    expect(verdicts.map(({ result }) => result)).toEqual([
      'failed',
      ...Object.keys(CHECKS)
        .slice(1)
        .map(() => 'skipped'),
    ]);
    expect(verdicts[0]).toMatchObject({ check: 'reachable', found: 'was not reached: ECONNREFUSED' });
  });

  test('it is silent', async () => {
    const { url, received } = await serve(silence);
    const { verdicts } = await judge({}, { url, timeoutMs: 300 });
    expect(namesOf(verdicts, 'failed')).toEqual(['reachable']);
    expect(received).toHaveLength(1);
  });
});

test('an interruption ends the checks', async () => {
  const interrupted = new AbortController();
  const fetch: typeof globalThis.fetch = (...request) => {
    interrupted.abort();
    return globalThis.fetch(...request);
  };
  await expect(judge({}, { signal: interrupted.signal, fetch })).rejects.toThrow(/abort/i);
});
