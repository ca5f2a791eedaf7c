import { inspect } from 'node:util';
import type { Info } from '@temporalio/activity';
import { noopMetricMeter, type ApplicationFailure, type MetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { SendRcsInput, SendRcsResult } from '../../src/activities/message-activities.js';
import { createUntypedNotice, honorsOptOut } from '../../src/activities/traffic-type.js';
import type { Agents } from '../../src/contract/agents.js';
import { METRICS } from '../../src/contract/metrics.js';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { html, json, rejection, serve, type Handler } from '../http/loopback.js';

const auth: RbmAuth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
const input: SendRcsInput = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  expireTime: '2126-01-02T03:15:05Z',
  revokeTime: '2126-01-02T03:14:05Z',
  timeoutMs: 5_000,
  mayBeQueued: false,
};

/** sendRcs against an RBM with scripted answers, and what it logs and counts. */
async function against(answers: readonly Handler[], agents?: Agents) {
  const { url, received } = await serve(...answers);
  const logged: LogEntry[] = [];
  const counted: string[] = [];
  const logger = new DefaultLogger('WARN', (entry) => logged.push(entry));
  const createCounter = (name: string) => ({ ...noopMetricMeter.createCounter(name), add: () => counted.push(name) });
  const metricMeter = Object.assign(Object.create(noopMetricMeter) as MetricMeter, { createCounter });
  const activities = createActivities({
    rbm: createRbmClient({ endpoint: url, auth }),
    optOuts: { isOptedOut: () => Promise.resolve(false) },
    ...(agents !== undefined && { agents }),
  });
  const send = (changes: Partial<SendRcsInput> = {}, info: Partial<Info> = {}): Promise<SendRcsResult> =>
    new MockActivityEnvironment(info, { logger, metricMeter }).run(() => activities.sendRcs({ ...input, ...changes }));
  return { send, received, logged, counted };
}

async function failureOf(promise: Promise<unknown>) {
  const { type, nonRetryable, details } = (await rejection(promise)) as ApplicationFailure;
  return { type, nonRetryable, details: details?.[0] };
}

test("returns what RBM's answer says of a US number, and drops what is malformed", async () => {
  const us = {
    carrier: 'Example Wireless',
    richMessageClassification: { classificationType: 'BASIC', segmentCount: 1 },
  };
  const { send } = await against([json(200, { ...us, sendTime: '2026-01-02T03:04:05Z' }), json(200, { carrier: 7 })]);
  expect(await send()).toEqual({ ...us, acceptedEarlier: false, answeredTime: expect.any(String) as string });
  expect(await send()).toEqual({ acceptedEarlier: false, answeredTime: expect.any(String) as string });
});

describe('the traffic type', () => {
  const agents: Agents = [{ agentId: 'acme', messageTrafficType: 'PROMOTION' }, { agentId: 'plain' }];

  test.each([
    ["is the input's own", { messageTrafficType: 'TRANSACTION' }, 'TRANSACTION'],
    ["is the agent's default, if the input names none", {}, 'PROMOTION'],
    ['stays absent for an agent without a default', { agentId: 'plain' }, undefined],
    ['stays absent for an agent that is not in the list', { agentId: 'unknown' }, undefined],
  ])('%s', async (_, changes, expected) => {
    const { send, received } = await against([json(200, {})], agents);
    await send(changes);
    expect((JSON.parse(received[0]?.body ?? '') as SendRcsInput).messageTrafficType).toBe(expected);
  });

  test('that is absent is counted, and logged once per agent', async () => {
    const { send, counted, logged } = await against([json(200, {})], agents);
    await send();
    expect({ counted, logged }).toEqual({ counted: [], logged: [] });
    for (const agentId of ['plain', 'plain', 'unknown', 'unknown']) await send({ agentId });
    expect(counted).toEqual(Array.from({ length: 4 }, () => METRICS.untyped.name));
    const message = 'message without messageTrafficType: set it, or a type for this agent in RBM_AGENTS';
    expect(logged).toMatchObject([
      { level: 'WARN', message, meta: { agentId: 'plain' } },
      { level: 'WARN', message, meta: { agentId: 'unknown' } },
    ]);
    expect(inspect(logged)).not.toContain('5550100001');
  });

  test('is logged for at most 100 agents, since an agentId comes from a caller', async () => {
    const logged: LogEntry[] = [];
    const logger = new DefaultLogger('WARN', (entry) => logged.push(entry));
    const notice = createUntypedNotice();
    await new MockActivityEnvironment({}, { logger }).run(() => {
      for (let index = 0; index < 120; index += 1) notice(`agent-${String(index)}`);
      return Promise.resolve();
    });
    expect(logged).toHaveLength(100);
  });

  test.each([
    ['PROMOTION', undefined, true],
    ['PROMOTION', false, true],
    ['TRANSACTION', true, true],
    ['TRANSACTION', undefined, false],
    ['AUTHENTICATION', undefined, false],
    [undefined, undefined, false],
    [undefined, true, true],
    ['UNHEARD_OF', undefined, false],
  ])('%s with honorOptOut %s: an opt-out stops it: %s', (type, honorOptOut, expected) => {
    expect(honorsOptOut(type, honorOptOut === undefined ? {} : { honorOptOut })).toBe(expected);
  });
});

describe('a 409', () => {
  test.each<[string, Partial<SendRcsInput>, Partial<Info>, true | undefined]>([
    ['to the first attempt: another run has sent the message', {}, { attempt: 1 }, true],
    ['to a local first attempt', {}, { attempt: 1, isLocal: true }, true],
    ['after attempts that surely queued nothing', {}, after({ mayBeQueued: false }), true],
    ['after an attempt that may have queued it', {}, after({ mayBeQueued: true }), undefined],
    ['after an attempt that crashed', {}, { attempt: 2 }, undefined],
    ['if an earlier activity may have queued it', { mayBeQueued: true }, { attempt: 1 }, undefined],
  ])('%s', async (_, changes, info, sentByAnotherRun) => {
    const { send } = await against([json(409, { error: { status: 'ALREADY_EXISTS' } })]);
    const result = await send(changes, info);
    expect(result.acceptedEarlier).toBe(true);
    expect(result.sentByAnotherRun).toBe(sentByAnotherRun);
  });

  test('is not one if it is ABORTED, and neither is a 200', async () => {
    const { send } = await against([json(409, { error: { status: 'ABORTED' } }), json(200, {})]);
    expect(await failureOf(send())).toMatchObject({ type: 'RbmUnexpected' });
    expect(await send()).not.toHaveProperty('sentByAnotherRun');
  });
});

function after(heartbeat: { readonly mayBeQueued: boolean }): Partial<Info> {
  return { attempt: 2, heartbeatDetails: { attempt: 1, ...heartbeat } };
}

describe('after a reset', () => {
  const info: Partial<Info> = { workflowExecution: { workflowId: 'x', runId: 'run-2' } };

  test('an activity of the run before sends nothing, for good, and may have sent it', async () => {
    const { send, received } = await against([json(200, {})]);
    expect(await failureOf(send({ runId: 'run-1' }, info))).toEqual({
      type: 'RbmNotSent',
      nonRetryable: true,
      details: { code: 'WORKFLOW_RESET', mayBeQueued: true, answeredTime: expect.any(String) as string },
    });
    expect(received).toHaveLength(0);
  });

  test.each([{ runId: 'run-2' }, {}])('an activity of its own run sends: %j', async (changes) => {
    const { send, received } = await against([html(404)]);
    expect(await failureOf(send(changes, info))).toMatchObject({
      type: 'RbmNotFound',
      details: { mayBeQueued: false },
    });
    expect(received).toHaveLength(1);
  });
});
