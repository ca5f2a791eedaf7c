import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Counts } from '../../src/cli/counts.js';
import { deliveredSignal, type DeliverySummary } from '../../src/index.js';
import { runHere } from './in-process.js';
import { endAll, serve } from './program.js';
import { message, setStage, untilListed, type Stage } from './stage.js';

let stage: Stage;
let open: string;
let delivered: string;

beforeAll(async () => {
  stage = await setStage();
  const soon = await stage.deliveries.start(message({ campaignId: 'spring', messageTrafficType: 'AUTHENTICATION' }));
  const done = await stage.deliveries.start(
    message({ agentId: 'other', recipient: '+15550100002', campaignId: 'autumn' }),
  );
  [open, delivered] = [soon.workflowId, done.workflowId];
  await stage.client.workflow
    .getHandle(delivered)
    .signal(deliveredSignal, { eventId: 'e', sendTime: '2026-01-02T03:04:05Z' });
  await done.outcome();
  await untilListed(stage, 'spring', 1);
  await untilListed(stage, 'autumn', 0);
});
afterEach(endAll);
afterAll(async () => {
  await stage.stop();
});

const list = (...args: string[]) => runHere(['list', ...args], stage.variables);
const idsOf = async (...args: string[]) => {
  const { code, stdout, stderr } = await list(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as DeliverySummary).workflowId]));
};

test('prints a table, running deliveries first, without colours if stdout is no terminal', async () => {
  const { code, stdout, stderr } = await list();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [head, first, second, ...rest] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^DELIVERY +STATUS +TRAFFIC +EXPIRES +STARTED +ENDED$/);
  expect(first).toMatch(new RegExp(`^${open} +STARTED    AUTHENTICATION  in 59m \\d+s  (\\d+s ago|now)$`));
  expect(second).toMatch(new RegExp(`^${delivered} +DELIVERED +(\\d+s ago|now) +(\\d+s ago|now)$`));
  expect(rest).toEqual([]);
});

test('--json prints all that Temporal lists', async () => {
  const { stdout } = await list('--open', '--json');
  expect(JSON.parse(stdout)).toEqual({
    workflowId: open,
    agentId: 'acme',
    messageId: open.split(':')[2],
    status: 'STARTED',
    executionStatus: 'RUNNING',
    messageTrafficType: 'AUTHENTICATION',
    campaignId: 'spring',
    expireTime: expect.stringMatching(/Z$/) as string,
    startTime: expect.stringMatching(/Z$/) as string,
  });
});

test.each([
  [['--status', 'delivered,UNCERTAIN'], () => [delivered]],
  [['--status', 'UNCERTAIN'], () => []],
  [['--agent', 'other@rbm.goog'], () => [delivered]],
  [['--campaign', 'spring'], () => [open]],
  [['--recipient', '+1 555 010 0002'], () => [delivered]],
  [['--status', 'started'], () => [open]],
  [['--since', '1h'], () => [open, delivered]],
  [['--since', '1d', '--closed'], () => [delivered]],
  [['--since', '2099-01-01T00:00:00Z'], () => []],
  [['--reason', 'unreachable,Expired'], () => []],
  [['--open'], () => [open]],
  [['--closed'], () => [delivered]],
  [['--stuck'], () => []],
  [['--query', "RbmAgentId = 'acme' OR RbmAgentId = 'other'", '--closed'], () => [delivered]],
  [['--limit', '1'], () => [open]],
])('%j', async (args, expected) => {
  expect(await idsOf(...args)).toEqual(expected());
});

test('--since finds what closed since then, though it started before', async () => {
  const closed = async () => {
    const { closeTime } = await stage.client.workflow.getHandle(delivered).describe();
    return closeTime?.toISOString() ?? '';
  };
  const since = await closed();
  expect(await idsOf('--since', since, '--agent', 'other')).toEqual([delivered]);
  const after = new Date(Date.parse(since) + 1_000).toISOString();
  expect(await idsOf('--since', after, '--agent', 'other')).toEqual([]);
});

test('--count counts by status, and by why an SMS was requested', async () => {
  const { stdout } = await list('--campaign', 'spring', '--count', '--json');
  const counts = JSON.parse(stdout) as Counts;
  expect(counts).toMatchObject({ total: 1, withoutOutcome: 0, fellBack: 0 });
  expect(counts.byStatus).toMatchObject({ STARTED: 1, DELIVERED: 0, UNCERTAIN: 0 });
  expect(Object.keys(counts.byFallbackReason)).toContain('unconfirmed');
  expect(counts).not.toHaveProperty('since');

  const input = message({ campaignId: 'fallen', fallback: { sms: { text: 'x' } }, revocation: { grace: '0s' } });
  const fallen = await stage.deliveries.start(input);
  const ended = await stage.deliveries.start(message({ campaignId: 'fallen', messageId: randomUUID() }));
  await fallen.revokeNow({ reason: 'wrong price', fallback: 'sms' });
  await stage.client.workflow.getHandle(ended.workflowId).terminate();
  // A receipt before the request would say nothing.
  await expect.poll(async () => (await fallen.status()).phase).toBe('AWAITING_SMS_RECEIPT');
  const smsStatus = { eventId: 's', sendTime: '2026-01-02T03:04:05Z', status: 'DELIVERED' };
  await stage.client.workflow.getHandle(fallen.workflowId).signal('smsStatus', smsStatus);
  expect(await fallen.outcome()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { reason: 'operator' } });
  const text = async () => (await list('--campaign', 'fallen', '--since', '1h', '--count')).stdout;
  await expect.poll(text).toMatch(/^closed, no outcome +1$/m);
  await expect.poll(text).toMatch(/^DELIVERED_BY_SMS +1$/m);
  expect(await text()).toMatch(
    /^2 deliveries, started or closed since \d{4}-.*Z\n1 of them fell back to SMS\n\nSTATUS +COUNT\n/,
  );
  expect(await text()).toMatch(/\nSMS BECAUSE +COUNT\noperator +1 {2}An operator revoked the message.\nno SMS +1\n$/);
  expect(await idsOf('--reason', 'operator')).toEqual([fallen.workflowId]);
  expect((await list('--reason', 'operator')).stdout).toMatch(/DELIVERED_BY_SMS {2}operator /);
  expect(await stage.deliveries.count({ fallbackReason: ['operator'], since: new Date(Date.now() - 3_600_000) })).toBe(
    1,
  );
});

test('a wrong --query of --count is refused as it stands, not as a part of another', async () => {
  const { code, stderr } = await list('--count', '--query', "RbmAgentId = 'x') OR (RbmAgentId = 'y'");
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('query has a comment') as string });
});

test('a unique beginning of an id names a delivery, one of several lists them, and one of none is not found', async () => {
  const beginning = '0b2f6d0e-3c1f';
  const ids = ['4a57-9d8e-1f3f5a7b9c21', '4a57-9d8e-1f3f5a7b9c22'].map((end) => `${beginning}-${end}`);
  for (const messageId of ids)
    await stage.deliveries.start(message({ agentId: 'brief', messageId, campaignId: 'brief' }));
  await untilListed(stage, 'brief', 2);
  const status = (...args: string[]) => runHere(['status', ...args, '--json'], stage.variables);
  const longer = `${beginning}-4a57-9d8e-1f3f5a7b9c22`.slice(0, -1);
  const several = await status('brief:0b2f6d0e');
  expect(several).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'rcs-delivery: several deliveries begin with message-delivery:brief:0b2f6d0e:\n' +
      [...ids]
        .reverse()
        .map((id) => `  message-delivery:brief:${id}\n`)
        .join(''),
  });
  expect((await status('brief', longer)).code).toBe(2);
  for (const name of [[open.slice(0, -28)], ['acme', open.split(':')[2]?.slice(0, 8).toUpperCase() ?? '']]) {
    const { code, stdout } = await status(...name);
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, messageId: open.split(':')[2] });
  }
  expect(await status('brief:ffffffff')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/no delivery message-delivery:brief:ffffffff… in Temporal's index/) as string,
  });
});

test('a beginning names a delivery of which Temporal lists several runs, as after a reset', async () => {
  const delivery = await stage.deliveries.start(message({ agentId: 'reset' }));
  const { agentId, messageId, workflowId } = delivery;
  await expect.poll(async () => (await delivery.status()).phase).toBe('AWAITING_DELIVERY');
  const { events } = await stage.client.workflow.getHandle(workflowId).fetchHistory();
  const task = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  await stage.client.workflowService.resetWorkflowExecution({
    ...{ namespace: stage.namespace, workflowExecution: { workflowId }, reason: 'a test', requestId: randomUUID() },
    workflowTaskFinishEventId: task?.eventId ?? null,
  });
  await expect.poll(() => idsOf('--agent', 'reset')).toEqual([workflowId, workflowId]);
  const { code, stdout } = await runHere(['notify-again', `reset:${messageId.slice(0, 8)}`, '--json'], stage.variables);
  expect({ code, value: JSON.parse(stdout) as unknown }).toEqual({
    code: 0,
    value: { agentId, messageId, sentAgain: [], pending: [] },
  });
});

test('--stuck finds a delivery that runs past its expiry', async () => {
  const late = await stage.deliveries.start(
    message({ ttl: '0.3s', campaignId: 'late', revocation: { grace: '60s', budget: '60s' } }),
  );
  await expect.poll(() => idsOf('--stuck')).toEqual([late.workflowId]);
  await stage.client.workflow.getHandle(late.workflowId).terminate();
  await expect.poll(async () => (await list('--campaign', 'late')).stdout).toContain('TERMINATED');
});

test('says how many more there are, and when none matches', async () => {
  const few = await list('--limit', '1');
  expect(few).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^1 of \d deliveries: --limit shows more\n$/) as string,
  });
  expect(await list('--campaign', 'none')).toEqual({ code: 0, stdout: '', stderr: 'no delivery matches\n' });
});

test.each([
  ['Surprise = 1', 'this namespace has no search attribute Surprise'],
  ['marked ===', 'Temporal does not understand --query: syntax error; see https://docs.temporal.io/list-filter\n'],
  ["RbmAgentId = 'x' ORDER BY y", "--query: syntax error near 'order'; see"],
  ["ExpireTime > 'soon'", "--query: unable to parse datetime 'soon'; see"],
  ["ExpireTime > '+15550100001'", "--query: unable to parse datetime '[redacted]'; see"],
  ["RbmAgentId = 'x') OR (RbmAgentId = 'y'", 'query has a comment, or a parenthesis'],
])('a wrong --query exits with 2 and says why: %s', async (query, message) => {
  const { code, stdout, stderr } = await list('--query', query);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('marked');
});

test('--recipient without the key says so', async () => {
  const { code, stderr } = await runHere(['list', '--recipient', '+15550100001'], { TEMPORAL_ADDRESS: stage.address });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^rcs-delivery: --recipient needs RECIPIENT_HASH_KEY/);
});

test('--recipient with a value that is no phone number says so', async () => {
  const { code, stderr } = await list('--recipient', '123');
  const message = 'rcs-delivery: wrong input:\n  recipient must be a phone number with + and country calling code\n';
  expect({ code, stderr }).toEqual({ code: 2, stderr: message });
});

test('--watch prints what changes and exits with 0 on Ctrl-C', async () => {
  const watch = serve(['list', '--watch', '--interval', '1', '--json', '--campaign', 'watched'], stage.variables);
  const delivery = await stage.deliveries.start(message({ campaignId: 'watched' }));
  const statuses = () => watch.log.map(({ status }) => status);
  await expect.poll(statuses).toEqual(['STARTED']);
  const event = { eventId: 'e', sendTime: '2026-01-02T03:04:05Z' };
  await stage.client.workflow.getHandle(delivery.workflowId).signal(deliveredSignal, event);
  await expect.poll(statuses).toEqual(['STARTED', 'DELIVERED']);
  expect(await watch.end('SIGINT')).toMatchObject({ code: 0, stderr: '' });
});

test('--print-query prints Temporal’s list filter, which finds the same', async () => {
  const printed = await list('--recipient', '+15550100002', '--print-query');
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(printed.stdout).toMatch(/^WorkflowType = 'messageDelivery' AND RecipientHash = '[0-9a-f]{32}'\n$/);
  expect(await idsOf('--query', printed.stdout.trim())).toEqual([delivered]);
  expect((await list('--stuck', '--print-query')).stdout).toMatch(/ExpireTime < '\d{4}-\d\d-\d\dT[\d:.]+Z'\n$/);
});
