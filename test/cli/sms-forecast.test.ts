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

test('without a worker it is not known', async () => {
  expect(await forecastSms(accessTo(new NoWorkerError(10_000)), {})).toBeUndefined();
});

test('that Temporal does not answer is not said of a worker', async () => {
  const error = new TemporalUnavailableError('no connection');
  await expect(forecastSms(accessTo(error), {})).rejects.toBe(error);
});
