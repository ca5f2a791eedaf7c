import { metricMeter } from '@temporalio/activity';
import { METRICS } from '../contract/metrics.js';
import { RbmError } from '../rbm/rbm-error.js';
import { SmsError } from '../sms/sms-error.js';

/** Measures the duration of one request to RBM, also when it fails. `accepted` distinguishes a 409 from a 2xx. */
export async function measuredRbm<T>(
  operation: 'create' | 'revoke',
  request: () => Promise<T>,
  accepted: (answer: T) => 'ok' | 'acceptedEarlier' = () => 'ok',
): Promise<T> {
  return timed(
    METRICS.rbmRequests,
    request,
    (answer) => {
      const result = accepted(answer);
      return { operation, result, status: result === 'ok' ? '2xx' : '409' };
    },
    (error) => {
      if (!(error instanceof RbmError)) return { operation, result: 'fault', status: 'none' };
      return { operation, result: error.kind, status: String(error.httpStatus ?? 'none') };
    },
  );
}

/** Measures the duration of one request to the SMS provider, also when it fails. */
export async function measuredSms<T>(
  { provider, operation }: { readonly provider: string; readonly operation: 'send' | 'reconcile' },
  request: () => Promise<T>,
  result: (answer: T) => string,
): Promise<T> {
  return timed(
    METRICS.smsRequests,
    request,
    (answer) => ({ provider, operation, result: result(answer), reason: 'none' }),
    (error) => {
      if (!(error instanceof SmsError)) return { provider, operation, result: 'fault', reason: 'none' };
      return { provider, operation, result: error.kind, reason: error.reason ?? 'none' };
    },
  );
}

type Labels = Readonly<Record<string, string>>;

async function timed<T>(
  { name, help }: { readonly name: string; readonly help: string },
  request: () => Promise<T>,
  ofAnswer: (answer: T) => Labels,
  ofError: (error: unknown) => Labels,
): Promise<T> {
  const began = performance.now();
  // Created each time, since it takes its tags (namespace, activity type) from the activity. Costs ten microseconds.
  const record = (labels: Labels) => {
    const seconds = (performance.now() - began) / 1000;
    metricMeter.createHistogram(name, 'float', 'seconds', help).record(seconds, labels);
  };
  try {
    const answer = await request();
    record(ofAnswer(answer));
    return answer;
  } catch (error) {
    record(ofError(error));
    throw error;
  }
}
