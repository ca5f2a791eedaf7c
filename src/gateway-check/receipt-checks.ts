import { TookTooLongError, within } from '../http/within.js';
import { printableWord } from '../sms/receipt-words.js';
import type { CheckName, Finding } from './checks.js';
import type { Post, ReceiptListener } from './receipt-listener.js';

type Receipt = Extract<Post, { receipt: unknown }>;

const receiptsOf = (posts: readonly Post[]): readonly Receipt[] => posts.filter((post) => 'receipt' in post);
const isFinal = ({ receipt: { status } }: Receipt): boolean => status === 'DELIVERED' || status === 'UNDELIVERED';

/** The form in which references are compared. The webhook forgives the same differences. */
export const bareReference = (reference: string): string => reference.trim().toLowerCase();

export interface ReceiptWait {
  readonly listener: ReceiptListener;
  /** The keys of the SMS that the gateway accepted. */
  readonly keys: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** How long another receipt may come after the last one that is due. Milliseconds. */
  readonly settleMs: number;
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Waits until every receipt that is due has come, at most for `timeoutMs`. */
export async function waitForReceipts(wait: ReceiptWait): Promise<void> {
  const { listener, keys, timeoutMs, settleMs, pause, signal } = wait;
  const end = performance.now() + timeoutMs;
  while (!isComplete(listener.posts, keys)) {
    const left = end - performance.now();
    if (left <= 0) return;
    await within(listener.next(), left, signal).catch((error: unknown) => {
      if (!(error instanceof TookTooLongError)) throw error;
    });
  }
  await pause(settleMs);
}

function isComplete(posts: readonly Post[], keys: readonly string[]): boolean {
  const isRepeated = repetitionOf(posts) !== 'none';
  return isRepeated && keys.every((key) => finalsOf(posts, key).length > 0);
}

/** The final receipts of an SMS, each repetition counted once. */
function finalsOf(posts: readonly Post[], key: string): readonly Receipt[] {
  const its = receiptsOf(posts).filter(
    (post) => !post.refused && isFinal(post) && bareReference(post.receipt.reference ?? '') === key,
  );
  return its.filter(
    (post, index) => its.findIndex(({ receipt }) => receipt.eventId === post.receipt.eventId) === index,
  );
}

/** Whether the receipt that was answered 503 came again. */
function repetitionOf(posts: readonly Post[]): 'same' | 'otherId' | 'none' {
  const receipts = receiptsOf(posts);
  const refused = receipts.find((post) => post.refused)?.receipt;
  const others = receipts.filter((post) => !post.refused).map(({ receipt }) => receipt);
  if (others.some(({ eventId }) => eventId === refused?.eventId)) return 'same';
  const isLike = others.some(({ reference, status }) => reference === refused?.reference && status === refused?.status);
  return isLike ? 'otherId' : 'none';
}

/** What the receipts show. The names are in the order of the checks. */
export function receiptFindings(
  { posts, strangers }: Pick<ReceiptListener, 'posts' | 'strangers'>,
  keys: readonly string[],
): readonly (readonly [CheckName, Finding | 'skipped'])[] {
  const receipts = receiptsOf(posts);
  const some = (finding: Finding): Finding | 'skipped' => (receipts.length === 0 ? 'skipped' : finding);
  return [
    ['receipt-request', requestFinding(posts, strangers())],
    ['receipt-status', some(statusFinding(receipts))],
    ['receipt-repeated', some(repeatedFinding(posts))],
    ['receipt-final', some(finalFinding(posts, keys))],
  ];
}

function requestFinding(posts: readonly Post[], strangers: number): Finding {
  const faults = posts.flatMap((post) => ('fault' in post ? [post.fault] : []));
  const [fault] = faults;
  if (fault !== undefined) {
    return { holds: false, found: `${String(faults.length)} of ${String(posts.length)}: ${fault}` };
  }
  const others = strangers === 0 ? '' : `, but ${String(strangers)} with the reference of another SMS`;
  if (posts.length === 0) return { holds: false, found: `no receipt came in time${others}` };
  return { holds: true, found: `${String(posts.length)} receipts came, all of them signed` };
}

function statusFinding(receipts: readonly Receipt[]): Finding {
  const unknown = receipts.flatMap(({ receipt: { unknownStatus } }) => unknownStatus ?? []);
  const word = printableWord(unknown[0] ?? '')?.trim();
  if (unknown.length > 0) return { holds: false, found: `unknown status${word === undefined ? '' : `: ${word}`}` };
  return { holds: true, found: 'every status is known' };
}

function repeatedFinding(posts: readonly Post[]): Finding {
  const found = {
    same: 'the receipt that was answered 503 came again',
    otherId: 'it came again, under another webhook-id',
    none: 'the receipt that was answered 503 did not come again',
  };
  const repetition = repetitionOf(posts);
  return { holds: repetition === 'same', found: found[repetition] };
}

function finalFinding(posts: readonly Post[], keys: readonly string[]): Finding {
  const counts = keys.map((key) => finalsOf(posts, key).length);
  const several = counts.filter((count) => count > 1).length;
  const none = counts.filter((count) => count === 0).length;
  const of = (count: number) => `${String(count)} of ${String(keys.length)} SMS`;
  if (several > 0) return { holds: false, found: `several final receipts for ${of(several)}` };
  return none > 0
    ? { holds: false, found: `no final receipt for ${of(none)}` }
    : { holds: true, found: `one for each of ${String(keys.length)} SMS` };
}
