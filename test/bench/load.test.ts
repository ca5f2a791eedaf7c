import { describe, expect, test } from 'vitest';
import { closedLoop } from '../../bench/load/closed-loop.js';
import { createMessages } from '../../bench/load/messages.js';
import { createRandom } from '../../bench/load/random.js';
import { answerTo } from '../../bench/fake/answers.js';
import { checkInput } from '../../src/contract/input.js';

describe('random', () => {
  test('the same seed makes the same messages, another seed others', () => {
    const made = (seed: number) => createMessages(createRandom(seed)).code();
    expect(made(7)).toEqual(made(7));
    expect(made(7).messageId).not.toBe(made(8).messageId);
  });
  test('messages are valid inputs', () => {
    const { code, promotion, numberWithoutRcs } = createMessages(createRandom(7));
    const inputs = [code({ ttl: '5s' }), promotion({ ttl: '5s' }), code({ ttl: '5s', recipient: numberWithoutRcs() })];
    expect(inputs.map((input) => checkInput(input, 0))).toEqual(inputs.map((input) => ({ ok: true, input })));
  });
});

test('a closed loop runs everything once, and never more than it may', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await closedLoop({ count: 10, atATime: 3 }, async (index) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    done.push(index);
  });
  expect(done.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});

describe('the fake', () => {
  const id = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
  const headers = {};
  const create = (phone: string) =>
    answerTo({ method: 'POST', url: `/v1/phones/${phone}/agentMessages?messageId=${id}&agentId=acme`, headers });

  test('accepts a create, unless the number has no RCS', () => {
    expect(create('+15550100001')).toMatchObject({ kind: 'create', id, status: 200 });
    expect(create(createMessages(createRandom(7)).numberWithoutRcs())).toMatchObject({
      kind: 'create',
      id,
      status: 404,
    });
  });
  test('knows a DELETE, an SMS and a callback by the message', () => {
    const url = `/v1/phones/+15550100001/agentMessages/${id}?agentId=acme`;
    expect(answerTo({ method: 'DELETE', url, headers })).toMatchObject({ kind: 'delete', id });
    const sms = { 'idempotency-key': `message-delivery:acme:${id}` };
    expect(answerTo({ method: 'POST', url: '/sms', headers: sms })).toMatchObject({ kind: 'sms', id });
    const callback = { 'webhook-id': `acme:${id}:1:DELIVERED` };
    expect(answerTo({ method: 'POST', url: '/callback', headers: callback })).toMatchObject({ kind: 'callback', id });
  });
});
