import { sparsely } from '../observability/sparsely.js';
import { printableWord } from '../sms/receipt-words.js';
import type { Source } from './metrics.js';
import type { WebhookLog } from './webhook-context.js';

/** Warns of signed receipts that can't be understood, each kind at most once a minute. */
export interface ReceiptWarnings {
  readonly unreadable: (reason: string | undefined) => void;
  readonly unknownStatus: (word: string) => void;
  readonly unreadableTime: () => void;
  readonly foreignReference: () => void;
}

export function createReceiptWarnings(log: Pick<WebhookLog, 'warn'>, source: Source): ReceiptWarnings {
  // One for each kind, so that a common mistake does not hide another one.
  const warnOf = (text: string) =>
    sparsely<object>((leftOut, about) => {
      log.warn({ source, ...about, leftOut }, text);
    });
  const unreadable = warnOf('a receipt can not be read');
  const unknownStatus = warnOf('a receipt has an unknown status: it changes nothing');
  const unreadableTime = warnOf('the time of a receipt can not be read: the time of its arrival counts');
  const foreignReference = warnOf('a receipt has no reference of a delivery: it changes nothing');
  return {
    unreadable: (reason) => {
      unreadable({ reason });
    },
    unknownStatus: (word) => {
      unknownStatus({ status: printableWord(word) });
    },
    unreadableTime: () => {
      unreadableTime({});
    },
    foreignReference: () => {
      foreignReference({});
    },
  };
}
