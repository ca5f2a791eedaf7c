import { expect, test } from 'vitest';
import type { Access } from '../../src/cli/client-access.js';
import { forecastSms } from '../../src/cli/sms-forecast.js';
import {
  DeliveryFailedError,
  DeliveryNotFoundError,
  NoWorkerError,
  TemporalUnavailableError,
  type DeliveryError,
} from '../../src/index.js';

/** Deliveries that are listed as running: the first has an SMS, and asking the second one fails. */
const accessTo = (error: DeliveryError) => {
  const list = async function* () {
    for (const workflowId of ['first', 'second']) yield await Promise.resolve({ workflowId });
  };
  const status = (id: string) => (id === 'first' ? Promise.resolve({ smsFollows: true }) : Promise.reject(error));
  return { deliveries: { list, handle: (id: string) => ({ status: () => status(id) }) } } as unknown as Access;
};
const failed = new DeliveryFailedError({ workflowId: 'second', executionStatus: 'TERMINATED' });

test.each([failed, new DeliveryNotFoundError('second')])(
  'a delivery that has ended meanwhile gets no SMS, and does not hide the others: $code',
  async (error) => {
    expect(await forecastSms(accessTo(error), {})).toEqual({ asked: 2, follows: 1, requested: 0, none: 1 });
  },
);

/** Deliveries that are listed as running, which answer this in turn. */
const answering = (...answers: readonly object[]) => {
  const list = async function* () {
    for (let id = 0; id < answers.length; id += 1) yield await Promise.resolve({ workflowId: String(id) });
  };
  const status = async (id: string) => {
    const answer = answers[Number(id)];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { deliveries: { list, handle: (id: string) => ({ status: () => status(id) }) } } as unknown as Access;
};

test('without a worker it is not known', async () => {
  expect(await forecastSms(answering(new NoWorkerError(10_000)), {})).toBeUndefined();
});

test('one without a worker does not hide what the others said', async () => {
  const follows = { outcome: null, smsFollows: true };
  const known = await forecastSms(answering(follows, new NoWorkerError(10_000)), {});
  expect(known).toEqual({ asked: 1, follows: 1, requested: 0, none: 0 });
});

test('a worker of an earlier version says nothing about an SMS, which is not said to be none', async () => {
  const earlier = { outcome: null };
  expect(await forecastSms(answering(earlier), {})).toBeUndefined();
  expect(await forecastSms(answering(earlier, { outcome: null, smsFollows: false }), {})).toEqual({
    ...{ asked: 1, follows: 0, requested: 0, none: 1 },
  });
});

test('that Temporal does not answer is not said of a worker', async () => {
  const error = new TemporalUnavailableError('no connection');
  await expect(forecastSms(accessTo(error), {})).rejects.toBe(error);
});
