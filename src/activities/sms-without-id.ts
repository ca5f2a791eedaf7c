import { log, metricMeter } from '@temporalio/activity';
import { METRICS } from '../contract/metrics.js';
import { sparsely } from '../observability/sparsely.js';

/** Counts an SMS that a provider accepted without a usable id, and warns of it at most once a minute for each provider. */
export type WithoutIdNotice = (provider: string) => void;

export function createWithoutIdNotice(): WithoutIdNotice {
  const warnings = new Map<string, () => void>();
  const { name, help } = METRICS.smsWithoutId;
  return (provider) => {
    metricMeter.createCounter(name, undefined, help).add(1, { provider });
    let warn = warnings.get(provider);
    if (warn === undefined) {
      warn = sparsely((leftOut) => {
        log.warn('the SMS provider answered 2xx without a usable id: check that it accepted the SMS', {
          provider,
          leftOut,
        });
      });
      warnings.set(provider, warn);
    }
    warn();
  };
}
