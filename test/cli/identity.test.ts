import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { CLIENT_TOKEN, deliveredEvent, post, signedCall } from '../webhook/support/rbm-sender.js';
import { runHere } from './in-process.js';
import { endAll, serve } from './program.js';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

let temporal: SharedTemporal;
beforeAll(async () => {
  temporal = await sharedTemporal();
});
afterEach(endAll);

test('histories and pollers name program, version, host and process', async () => {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const identityOf = (program: string, pid: number) => `${program}/${version}@${hostname()}#${String(pid)}`;
  const { address, namespace, variables } = temporal;
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  const client = new Client({ connection, namespace });

  const TASK_QUEUE = 'identity';
  const rbm = { RBM_ENDPOINT: `http://127.0.0.1:${String(await freePort())}` };
  const worker = serve(['worker'], { ...variables, ...rbm, TASK_QUEUE });
  await worker.said('worker running');
  const taskQueue = { name: TASK_QUEUE };
  const pollers = async (taskQueueType: proto.temporal.api.enums.v1.TaskQueueType) => {
    const answer = await client.workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType });
    return answer.pollers.map(({ identity }) => identity);
  };
  const ofTheWorker = identityOf('rcs-delivery-worker', worker.pid);
  await expect.poll(() => pollers(TASK_QUEUE_TYPE_WORKFLOW)).toEqual([ofTheWorker]);
  await expect.poll(() => pollers(TASK_QUEUE_TYPE_ACTIVITY)).toEqual([ofTheWorker]);

  const listen = { RBM_WEBHOOK_CLIENT_TOKEN: CLIENT_TOKEN, WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0' };
  const webhook = serve(['webhook'], { ...variables, ...listen });
  const { listening } = await webhook.said('webhook listening');
  const input = { agentId: 'acme', messageId: randomUUID(), recipient: '+15550100001', ttl: '600s' };
  const json = JSON.stringify({ ...input, contentMessage: { text: 'x' } });
  const id = (await runHere(['send', '--input', json], { ...variables, TASK_QUEUE })).stdout.trim();
  const events = async () => (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
  const tasks = async () => {
    const started = (await events()).map((event) => event.workflowTaskStartedEventAttributes?.identity);
    return [...new Set(started.filter((identity) => identity !== undefined))];
  };
  await expect.poll(tasks).toEqual([ofTheWorker]);
  const [start] = await events();
  expect(start?.workflowExecutionStartedEventAttributes?.identity).toBe(identityOf('rcs-delivery-cli', process.pid));

  const { messageId } = input;
  const event = signedCall(deliveredEvent({ agentId: 'acme@rbm.goog', messageId }));
  expect((await post(`http://${(listening as string[]).join()}/webhooks/rbm`, event)).status).toBe(200);
  const signals = async () =>
    (await events()).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.identity ?? []);
  await expect.poll(signals).toEqual([identityOf('rcs-delivery-webhook', webhook.pid)]);
});
