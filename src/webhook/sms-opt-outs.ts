import type { DeliveryId } from '../contract/ids.js';
import { MAX_EVENT_ID } from '../contract/messages.js';
import { E164_PATTERN } from '../contract/patterns.js';
import { sparsely } from '../observability/sparsely.js';
import type { SmsReceipt } from '../sms/sms-receipts.js';
import { WebhookError } from './errors.js';
import { OverloadedError } from './limiter.js';
import type { Source } from './metrics.js';
import { createOptOutRecorder } from './opt-out-recorder.js';
import type { WebhookContext } from './webhook-context.js';

/** A receipt, the delivery that it names, and when the gateway sent it. */
interface Report {
  readonly delivery: DeliveryId;
  readonly receipt: Pick<SmsReceipt, 'optedOut' | 'eventId'>;
  readonly sendTime: string;
}

/**
 * Records an opt-out from SMS that a receipt reports. Resolves once it is durable, or if there is none or nobody can
 * record it. Otherwise throws a WebhookError or an OverloadedError: the gateway must repeat the receipt then.
 */
export type SmsOptOuts = (report: Report) => Promise<void>;

const KIND = 'sms:optedOut';

/** `provider` is its name in the opt-out's source, as in the worker's. */
export function createSmsOptOuts(
  context: WebhookContext,
  { source, provider }: { readonly source: Source; readonly provider: string },
): SmsOptOuts {
  const { optOuts, metrics, log } = context;
  const record = optOuts && createOptOutRecorder(optOuts, context);
  const warnOfIncomplete = sparsely<string>((leftOut, agentId) => {
    log.warn({ source, kind: KIND, agentId, leftOut }, 'an opt-out from SMS is lost: the receipt has no E.164 number');
  });
  return async ({ delivery: { agentId }, receipt: { optedOut, eventId }, sendTime }) => {
    if (optedOut === undefined) return;
    const { recipient, code } = optedOut;
    if (record === undefined || !E164_PATTERN.test(recipient)) {
      metrics.event(source, KIND, record === undefined ? 'notActedOn' : 'incomplete');
      if (record !== undefined) warnOfIncomplete(agentId);
      return;
    }
    const id = eventId.slice(0, MAX_EVENT_ID);
    try {
      const verdict = await record({
        person: { agentId, recipient, channel: 'sms' },
        said: 'optOut',
        entry: { source: `sms:${provider} ${code}`, sendTime, eventId: id },
        identity: id,
      });
      metrics.event(source, KIND, verdict);
    } catch (error) {
      const overloaded = error instanceof OverloadedError;
      metrics.event(source, KIND, overloaded ? 'overloaded' : 'unavailable');
      log.warn({ source, kind: KIND, agentId }, 'an opt-out from SMS is not stored; the gateway is asked to repeat it');
      // The error may come from an embedder's code, and its message may quote the number.
      throw overloaded ? error : new WebhookError('TEMPORAL_UNAVAILABLE');
    }
  };
}
