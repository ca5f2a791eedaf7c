import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Tally } from '../../src/cli/act-on-each.js';
import {
  createDataConverter,
  createDeliveryClient,
  parseEncryptionKeys,
  type DeliveryHandle,
  type StartInput,
} from '../../src/index.js';
import { runHere } from './in-process.js';
import { endAll, serve } from './program.js';
import { message, setStage, untilListed, type Stage } from './stage.js';

let stage: Stage;
let campaign = 0;
let campaignId: string;

beforeAll(async () => {
  stage = await setStage();
});
beforeEach(() => {
  campaign += 1;
  campaignId = `campaign-${String(campaign)}`;
});
afterEach(endAll);
afterAll(async () => {
  await stage.stop();
});

/** Asks ten at a time: a worker that has to replay them all answers hundreds of queries at once too late. */
async function ofEach<T>(
  handles: readonly DeliveryHandle[],
  ask: (handle: DeliveryHandle) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = [];
  for (let at = 0; at < handles.length; at += 10) {
    answers.push(...(await Promise.all(handles.slice(at, at + 10).map(ask))));
  }
  return answers;
}
const rcs = (...args: string[]) => runHere(args, stage.variables);
const query = () => ['--query', `CampaignId="${campaignId}"`];
/**
 * Starts `count` deliveries and waits until Temporal lists `listed` of the campaign and RBM has the messages. A message
 * that RBM does not have is revoked without a DELETE, and its delivery settles at once.
 */
const start = async (count: number, changes: Partial<StartInput> = {}, listed = count) => {
  const revocation = { grace: '30s', budget: '60s' };
  const inputs = Array.from({ length: count }, () => message({ campaignId, revocation, ...changes }));
  const handles: DeliveryHandle[] = [];
  for await (const result of stage.deliveries.startMany(inputs)) {
    if (!result.ok) throw result.error;
    handles.push(result.handle);
  }
  await untilListed(stage, campaignId, listed);
  const phases = () => ofEach(handles, async (handle) => (await handle.status()).phase);
  await expect.poll(phases).toEqual(handles.map(() => 'AWAITING_DELIVERY'));
  return handles;
};
const start1 = async (changes?: Partial<StartInput>, listed?: number) => {
  const [handle] = await start(1, changes, listed);
  if (handle === undefined) throw new Error('not started');
  return handle;
};
/** How often somebody asked to revoke it. */
const revocations = async (handle: DeliveryHandle) =>
  (await handle.status()).timeline.filter(({ event }) => event === 'revokeRequested').length;
type Sums = Tally & { dryRun: boolean; matched: number };
const sumsOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Sums;

test('revoke revokes one message, by workflow id or by agent and message', async () => {
  const first = await start1();
  const one = await rcs('revoke', first.workflowId, '--reason', 'wrong price');
  expect(one).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/an operator revokes the message: wrong price/) as string,
  });
  const { messageId } = first;
  const status = await rcs('status', 'acme@rbm.goog', messageId.toUpperCase(), '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ messageId, outcome: null });
  const second = await start1({}, 2);
  const two = await rcs('revoke', 'acme', second.messageId, '--json');
  expect(JSON.parse(two.stdout)).toMatchObject({ messageId: second.messageId, outcome: null });
  expect(await revocations(first)).toBe(1);
});

test('revoke of a delivery that is being revoked says so and exits with 1', async () => {
  const delivery = await start1();
  const id = delivery.workflowId;
  expect((await rcs('revoke', id)).code).toBe(0);
  expect(await rcs('revoke', id)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'rcs-delivery: revokeNow refused: revoking has begun\n',
  });
});

test('expiry moves the expiry of one delivery by --ttl and by --expire-time', async () => {
  const delivery = await start1();
  const id = delivery.workflowId;
  const expireTime = new Date(Date.now() + 7_200_000).toISOString();
  const moved = await rcs('expiry', id, '--expire-time', expireTime, '--json');
  expect(JSON.parse(moved.stdout)).toMatchObject({ expireTime });
  const sooner = await rcs('expiry', id, '--ttl', '600s');
  expect(sooner.stdout).toMatch(/^expires +\S+Z \(in (10m|9m 5\ds)\)$/m);
});

test('cancel of one delivery settles it as CANCELLED', async () => {
  const delivery = await start1({ revocation: { grace: '0s' } });
  const { code, stdout } = await rcs('cancel', delivery.workflowId, '--json');
  expect({ code, printed: JSON.parse(stdout) as unknown }).toEqual({
    code: 0,
    printed: { workflowId: delivery.workflowId, asked: 'cancel' },
  });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'CANCELLED' });
});

test('a settled delivery cannot be changed, and the error names its outcome', async () => {
  const delivery = await start1();
  const id = delivery.workflowId;
  await stage.client.workflow.getHandle(id).signal('delivered', { eventId: 'e', sendTime: '2026-01-02T03:04:05Z' });
  await delivery.outcome();
  const settled = { code: 1, stdout: '', stderr: `rcs-delivery: ${id} has settled already: DELIVERED\n` };
  expect(await rcs('revoke', id)).toEqual(settled);
  expect(await rcs('expiry', id, '--ttl', '60s')).toEqual(settled);
  expect(await rcs('cancel', id)).toEqual({ code: 0, stdout: `nothing to cancel: ${id} is closed\n`, stderr: '' });
});

test('status --json of a delivery that failed is JSON too', async () => {
  const workflowId = `message-delivery:acme:${randomUUID()}`;
  const { client, variables } = stage;
  const taskQueue = variables['TASK_QUEUE'] ?? '';
  const handle = await client.workflow.start('messageDelivery', { workflowId, taskQueue, args: [{ ttl: '5m' }] });
  await handle.result().catch(() => undefined);
  const { code, stdout, stderr } = await rcs('status', workflowId, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ workflowId, status: 'FAILED', failureType: 'InvalidInput' });
  expect(stderr).toContain('recipient');
});

test('status of a delivery that was terminated shows its last status', async () => {
  const delivery = await start1();
  const id = delivery.workflowId;
  await stage.client.workflow.getHandle(id).terminate();
  const { code, stdout, stderr } = await rcs('status', id);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `rcs-delivery: the delivery ${id} ended as TERMINATED\n` });
  expect(stdout).toMatch(/^TERMINATED in AWAITING_DELIVERY\n/);
  expect(stdout).toMatch(/answer to the message: accepted$/m);
  expect(stdout).not.toMatch(/^next /m);
  const json = await rcs('status', id, '--json');
  expect(sumsOf(json)).toMatchObject({ status: 'TERMINATED', last: { phase: 'AWAITING_DELIVERY' } });
  const listed = async (...which: string[]) => (await rcs('list', '--query', `WorkflowId = '${id}'`, ...which)).stdout;
  await expect.poll(() => listed()).toContain('TERMINATED');
  expect(await listed('--status', 'STARTED')).toBe('');
});

test('encrypted data asks for the keys, with 2', async () => {
  const dataConverter = createDataConverter({
    keys: parseEncryptionKeys(`a:${Buffer.alloc(32, 7).toString('base64')}`),
  });
  const encrypting = new Client({
    connection: stage.connection,
    namespace: stage.namespace,
    ...(dataConverter && { dataConverter }),
  });
  const deliveries = createDeliveryClient({ client: encrypting, taskQueue: 'nobody', searchAttributes: false });
  const { workflowId } = await deliveries.start(message());
  await encrypting.workflow.getHandle(workflowId).terminate('marked reason');
  const memo = encrypting.workflow.start('messageDelivery', {
    workflowId: `message-delivery:acme:${randomUUID()}`,
    taskQueue: 'nobody',
    args: [],
    memo: { secret: 'marked' },
  });
  const encrypted = await memo;
  const { code, stderr } = await rcs('list', '--open', '--query', `WorkflowId = '${encrypted.workflowId}'`);
  await encrypted.terminate();
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'rcs-delivery: the data is encrypted: set PAYLOAD_ENCRYPTION_KEYS\n',
  });
});

test('revoke --query shows what it would do; --yes does it; a repeat skips what is done', async () => {
  const handles = await start(7);
  const dry = await rcs('revoke', ...query());
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(/^would revoke 7 running deliveries\nNobody gets an SMS by it \(--fallback none\): /);
  expect(dry.stdout).toContain('… and 2 more\n\nNothing has been done. Add --yes to do it.\n');
  expect(sumsOf(await rcs('revoke', ...query(), '--json'))).toMatchObject({ dryRun: true, matched: 7 });
  for (const handle of handles) expect((await handle.status()).phase).toBe('AWAITING_DELIVERY');

  const done = await rcs('revoke', ...query(), '--yes', '--json');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(sumsOf(done)).toEqual({ dryRun: false, matched: 7, done: 7, skipped: {}, failed: {}, stopped: null });
  const again = await rcs('revoke', ...query(), '--yes');
  expect(again).toEqual({
    code: 0,
    stdout: '7 deliveries:\n0 done\n7 skipped: revocation requested before\n',
    stderr: '',
  });
  expect(await Promise.all(handles.map(revocations))).toEqual(handles.map(() => 1));
});

test('revoke --query continues after an interruption', async () => {
  // So many that the command is still busy when the signal arrives, even if this process stands still for a second.
  const count = 250;
  const handles = await start(count);
  const first = serve(['revoke', ...query(), '--yes', '--json', '--concurrency', '2'], stage.variables);
  // The list begins with the newest.
  const newest = handles.slice(-10);
  await Promise.any(newest.map((handle) => expect.poll(() => revocations(handle)).toBe(1)));
  const interrupted = await first.end('SIGINT');
  const message = 'rcs-delivery: interrupted: run it again for the rest\n';
  expect(interrupted.code).toBe(1);
  // Lines of progress may precede it.
  expect(interrupted.stderr.endsWith(message)).toBe(true);
  const before = sumsOf(interrupted);
  expect(before).toMatchObject({ matched: count, failed: {}, stopped: 'interrupted' });
  expect(before.done).toBeLessThan(count);
  const second = sumsOf(await rcs('revoke', ...query(), '--yes', '--json', '--concurrency', '20'));
  expect(second).toMatchObject({ failed: {}, stopped: null });
  expect(before.done + second.done).toBe(count);
  expect(await ofEach(handles, revocations)).toEqual(handles.map(() => 1));
});

test('revoke --query prints failures by kind and exits with 1', async () => {
  await start(2);
  const [withSms] = await start(1, { fallback: { sms: { text: 'x' } } }, 3);
  const { code, stdout, stderr } = await rcs('revoke', ...query(), '--fallback', 'sms', '--yes');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'rcs-delivery: 2 deliveries failed\n' });
  const [head, done, failed, ...ids] = stdout.trimEnd().split('\n');
  expect([head, done, failed]).toEqual([
    '3 deliveries:',
    '1 done',
    '2 failed: UPDATE_REJECTED (revokeNow refused: fallback: this delivery has no SMS)',
  ]);
  expect(ids).toHaveLength(2);
  expect(ids.join()).not.toContain(withSms?.workflowId);
});

test('a dry run asks the deliveries who gets an SMS', async () => {
  const withSms = { fallback: { sms: { text: 'x' } } };
  const handles = [...(await start(2, withSms)), ...(await start(1, {}, 3))];
  await handles[0]?.revokeNow({ reason: 'wrong price', fallback: 'sms' });
  const dry = async (...args: string[]) => (await rcs('revoke', ...query(), ...args)).stdout;
  expect(await dry('--fallback', 'sms')).toMatch(
    /^would revoke 3 running deliveries\n2 people get the SMS unless the message is delivered first; 1 has no SMS.\nWith /,
  );
  expect(JSON.parse(await dry('--fallback', 'sms', '--json'))).toMatchObject({
    sms: { asked: 3, follows: 2, requested: 0, none: 1 },
  });
  expect(JSON.parse(await dry('--json'))).toMatchObject({ sms: { asked: 0, follows: 0, none: 3 } });
  const cancel = await rcs('cancel', ...query());
  expect(cancel.stdout).toMatch(/^would cancel 3 running deliveries\nNobody gets an SMS by it: /);
});

test('filters select deliveries as in list, and all must match', async () => {
  const [first] = await start(2);
  await start(1, { agentId: 'other', recipient: '+15550100009', revocation: { grace: '0s' } }, 3);
  const matched = async (...args: string[]) => sumsOf(await rcs('revoke', ...args, '--json')).matched;
  expect(await matched('--campaign', campaignId)).toBe(3);
  expect(await matched('--campaign', campaignId, '--agent', 'other')).toBe(1);
  expect(await matched('--campaign', campaignId, '--recipient', '+15550100009', '--since', '1h')).toBe(1);
  expect(await matched('--campaign', campaignId, '--status', 'STARTED')).toBe(3);
  expect(await matched('--campaign', campaignId, '--status', 'REVOKING')).toBe(0);
  expect(await matched('--campaign', campaignId, '--since', '2099-01-01T00:00:00Z')).toBe(0);
  const one = `WorkflowId = '${first?.workflowId ?? ''}'`;
  expect(await matched('--campaign', campaignId, '--query', one)).toBe(1);
  const cancelled = await rcs('cancel', '--campaign', campaignId, '--recipient', '+15550100009', '--yes', '--json');
  expect(sumsOf(cancelled)).toMatchObject({ dryRun: false, matched: 1 });
  await untilListed(stage, campaignId, 2);
});

test('--recipient without the key changes nothing and says so', async () => {
  const variables = { ...stage.variables, RECIPIENT_HASH_KEY: '' };
  const { code, stderr } = await runHere(['revoke', '--recipient', '+15550100009', '--yes'], variables);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^rcs-delivery: --recipient needs RECIPIENT_HASH_KEY/);
});

test('expiry --query moves all, and a repeat skips them', async () => {
  const handles = await start(3);
  const expireTime = new Date(Date.now() + 7_200_000).toISOString();
  const dry = await rcs('expiry', ...query(), '--expire-time', expireTime);
  const head = `would move the expiry of 3 running deliveries to ${expireTime}\n`;
  expect(dry.stdout).toMatch(new RegExp(`^${head}0 people get the SMS unless .* first; 3 have no SMS.\nRBM keeps`));
  const args = ['expiry', ...query(), '--expire-time', expireTime, '--yes', '--json'];
  expect(sumsOf(await rcs(...args))).toMatchObject({ matched: 3, done: 3, failed: {} });
  expect(sumsOf(await rcs(...args))).toMatchObject({ done: 0, skipped: { 'expiring then already': 3 } });
  for (const handle of handles) expect(await handle.status()).toMatchObject({ expireTime });
});

test('cancel --query starts a batch job of Temporal, prints its id and returns', async () => {
  const handles = await start(12, { revocation: { grace: '0s' } });
  expect(sumsOf(await rcs('cancel', ...query(), '--json'))).toMatchObject({ dryRun: true, matched: 12 });
  const { code, stdout } = await rcs('cancel', ...query(), '--yes', '--json');
  const printed = JSON.parse(stdout) as { jobId: string };
  expect({ code, printed }).toEqual({
    code: 0,
    printed: { dryRun: false, matched: 12, jobId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
  });
  const outcomes = await Promise.all(handles.map((handle) => handle.outcome()));
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['CANCELLED']));
  const { jobId } = printed;
  const job = () => stage.client.workflowService.describeBatchOperation({ namespace: stage.namespace, jobId });
  // Temporal runs one batch job at a time, and the next test starts one.
  const COMPLETED = 2;
  await expect.poll(async () => (await job()).state).toBe(COMPLETED);
  expect(Number((await job()).completeOperationCount)).toBe(12);
  await untilListed(stage, campaignId, 0);
  expect((await rcs('cancel', ...query())).stdout).toBe('no running delivery matches: there is nothing to do\n');
  const nothing = await rcs('cancel', ...query(), '--yes', '--json');
  expect(JSON.parse(nothing.stdout)).toEqual({ dryRun: false, matched: 0, jobId: null });
});

test('cancel --query --yes prints how to follow its batch job and how to stop it', async () => {
  const delivery = await start1({ revocation: { grace: '0s' } });
  const { code, stdout, stderr } = await rcs('cancel', ...query(), '--yes');
  const jobId = /^starting batch job (\S+)\n$/.exec(stderr)?.[1] ?? '';
  expect({ code, jobId }).toEqual({ code: 0, jobId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  expect(stdout).toMatch(new RegExp(`temporal batch describe --namespace \\S+ --job-id ${jobId}$`, 'm'));
  expect(stdout).toMatch(new RegExp(`temporal batch terminate --namespace \\S+ --job-id ${jobId} --reason`));
  expect(await delivery.outcome()).toMatchObject({ outcome: 'CANCELLED' });
});

/** These wait twice for 10 s, which is how long a command waits for a worker. */
const LONG = { timeout: 180_000 };

test('without a worker revoke --query stops soon with 4, and each revocation is still made once', LONG, async () => {
  const handles = await start(4);
  await stage.stopWorker();
  const { code, stdout, stderr } = await rcs('revoke', ...query(), '--yes', '--json', '--concurrency', '2');
  await stage.startWorker();
  expect(code).toBe(4);
  expect(stderr).toContain('run it again for the rest');
  const sums = sumsOf({ stdout });
  expect(sums).toMatchObject({ done: 0, skipped: {}, stopped: 'unavailable' });
  // Only those in flight when it noticed.
  expect(sums.failed).toEqual({
    NO_WORKER: { count: expect.any(Number) as number, sample: expect.any(Array) as string[] },
  });
  expect(sums.failed['NO_WORKER']?.count).toBeLessThan(handles.length);
  // On a busy machine the new worker may not answer all of them in time.
  const again = async () => (await rcs('revoke', ...query(), '--yes')).code;
  await expect.poll(again).toBe(0);
  expect(await Promise.all(handles.map(revocations))).toEqual(handles.map(() => 1));
});

test(
  'without a worker status shows what Temporal knows and exits with 4; a change may still be made',
  LONG,
  async () => {
    const { workflowId } = await start1();
    const other = await start1({}, 2);
    await stage.stopWorker();
    // Temporal keeps only one query waiting for a worker, so the two status commands ask different deliveries.
    const [plain, json, revoke, expiry] = await Promise.all([
      rcs('status', workflowId),
      rcs('status', other.workflowId, '--json'),
      rcs('revoke', workflowId),
      rcs('expiry', other.workflowId, '--ttl', '7200s'),
    ]);
    const bulk = await rcs('revoke', ...query(), '--yes', '--json');
    await stage.startWorker();
    const noAnswer = 'rcs-delivery: no worker answered within 10 s';
    expect(plain).toMatchObject({ code: 4, stderr: `${noAnswer}\n` });
    expect(plain.stdout.split('\n')).toEqual([
      'RUNNING',
      `delivery   ${workflowId}`,
      expect.stringMatching(/^campaign {3}campaign-\d+$/) as string,
      expect.stringMatching(/^started {4}\S+ \(\d+s ago\)$/) as string,
      'last known STARTED',
      expect.stringMatching(/^expires {4}\S+ \(in 59m \d+s\)$/) as string,
      '',
    ]);
    expect(json).toMatchObject({ code: 4, stderr: `${noAnswer}\n` });
    expect(JSON.parse(json.stdout)).toMatchObject({
      workflowId: other.workflowId,
      executionStatus: 'RUNNING',
      status: 'STARTED',
      pending: [],
    });
    const hint = `${noAnswer}; a worker may still make the change later. Check with rcs-delivery status\n`;
    for (const change of [revoke, expiry]) expect(change).toEqual({ code: 4, stdout: '', stderr: hint });
    // Fewer deliveries than --concurrency, so the run was over before it could stop.
    expect({ code: bulk.code, sums: sumsOf(bulk) }).toMatchObject({ code: 4, sums: { stopped: null, done: 0 } });
    expect(bulk.stderr).toContain('run it again for the rest');
  },
);

test('send of a message whose delivery was terminated says so, prints no id, and exits with 1', async () => {
  const input = message({ campaignId });
  const { workflowId } = await stage.deliveries.start(input);
  await stage.client.workflow.getHandle(workflowId).terminate();
  for (const json of [[], ['--json']]) {
    expect(await rcs('send', '--input', JSON.stringify(input), ...json)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^rcs-delivery: the delivery message-delivery:acme:\S+ ended as TERMINATED: nothing was started\. .* new messageId\n$/,
      ) as string,
    });
  }
});
