import { log, metricMeter } from '@temporalio/activity';
import { METRICS } from '../contract/metrics.js';
import { sparsely } from '../observability/sparsely.js';
import { printableWord } from '../sms/receipt-words.js';

/** Warns of answers that can't be understood, each kind at most once a minute for each provider. */
export interface SmsNotices {
  /** Also counts an SMS that a provider accepted without a usable id. */
  readonly withoutId: (provider: string) => void;
  /** `reason`: the gateway's own word for its refusal. */
  readonly unknownReason: (provider: string, reason: string) => void;
}

export function createSmsNotices(): SmsNotices {
  const { name, help } = METRICS.smsWithoutId;
  const warnOfId = sparselyForEach('the SMS provider answered 2xx without a usable id: check that it accepted the SMS');
  const warnOfReason = sparselyForEach('the SMS provider refused an SMS for an unknown reason: its status counts');
  return {
    withoutId: (provider) => {
      metricMeter.createCounter(name, undefined, help).add(1, { provider });
      warnOfId({ provider });
    },
    unknownReason: (provider, reason) => {
      warnOfReason({ provider, reason: printableWord(reason) });
    },
  };
}

interface About {
  readonly provider: string;
  readonly reason?: string | undefined;
}

function sparselyForEach(text: string): (about: About) => void {
  const warnings = new Map<string, (about: About) => void>();
  return (about) => {
    const warn =
      warnings.get(about.provider) ??
      sparsely<About>((leftOut, detail) => {
        log.warn(text, { ...detail, leftOut });
      });
    warnings.set(about.provider, warn);
    warn(about);
  };
}
