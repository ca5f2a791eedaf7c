/** What a check is about. docs/sms-gateway.md and the command print these texts. */
export interface CheckText {
  /** What the gateway must do. */
  readonly must: string;
  /** What it means if it does not, first of all for "at most one SMS". */
  readonly risk: string;
  /** What to change in the gateway. */
  readonly change: string;
}

const HOLDS = 'At most one SMS is still sent.';

/** Every check, in the order in which they are made. */
export const CHECKS = {
  reachable: {
    must: 'can be reached, and answers',
    risk: 'Not reached: no SMS is sent, and the worker asks the next provider. No answer: an SMS may have been sent, and the worker repeats the request here.',
    change: 'Check the URL, the port, the certificate, and the proxy of this machine.',
  },
  'wrong-token': {
    must: 'refuses a wrong token with 401 or 403',
    risk: `${HOLDS} But a 2xx lets anybody send SMS at your cost, and another 4xx may count as a wrong number.`,
    change: 'Look at the token first, and answer 401.',
  },
  'wrong-number': {
    must: 'refuses a number that cannot exist with 400 or 422, or with the reason recipient',
    risk: `${HOLDS} But an SMS that nobody can get counts as sent, or is requested again until its validity is over.`,
    change: 'Answer 400 and {"reason": "recipient"}, without accepting the SMS.',
  },
  accepted: {
    must: 'accepts an SMS with a 2xx and a usable id, also after a request with its key was refused',
    risk: 'Without a 2xx the worker sends no SMS, or cannot know whether one was sent. Without an id nobody finds the SMS at the gateway.',
    change:
      'Answer 2xx and {"id": "…"}: at most 128 printable ASCII characters, without a phone number. Remember the key only of an SMS that you accept.',
  },
  repeat: {
    must: 'answers a repeated request with 2xx and the same id',
    risk: 'The worker repeats a request whose answer was lost. The person gets two SMS.',
    change:
      'Store the Idempotency-Key before you send. Compare neither validitySeconds nor the whole body: a repeat has less validity left.',
  },
  'two-at-once': {
    must: 'sends one SMS for two equal requests at the same time',
    risk: 'A repeat may overtake the first request. The person gets two SMS.',
    change: 'Store the key under a unique constraint. Let the second request wait for the first, or answer it 409.',
  },
  'lost-answer': {
    must: 'answers the repeat of a request whose connection was cut',
    risk: 'The worker cannot learn whether the SMS was sent. The person gets two SMS, or the delivery settles as UNCERTAIN.',
    change: 'Finish a request whose caller is gone. Then answer its repeat with 2xx and its id.',
  },
  'short-validity': {
    must: 'accepts an SMS that is of use for one more second',
    risk: `${HOLDS} But a request near the end of the validity is refused, and the worker takes that for a wrong number.`,
    change: 'Accept every validitySeconds from 1. Drop the SMS later if it cannot be delivered in time.',
  },
  'answer-time': {
    must: 'answers before the worker gives up',
    risk: 'The worker repeats the request. Then nothing but the Idempotency-Key prevents a second SMS.',
    change: 'Answer as soon as the SMS is stored. Do not wait for the carrier.',
  },
  'receipt-request': {
    must: 'posts signed receipts in plain JSON to /webhooks/sms/http',
    risk: `${HOLDS} But the webhook refuses the receipt, and the delivery settles without it.`,
    change: 'Sign the exact bytes of the body, as docs/sms-gateway.md shows.',
  },
  'receipt-status': {
    must: 'uses only words for the status that the webhook knows',
    risk: `${HOLDS} But a receipt with an unknown word changes nothing.`,
    change: 'Send SENT, DELIVERED or UNDELIVERED.',
  },
  'receipt-repeated': {
    must: 'repeats a receipt that was answered 503, under the same webhook-id',
    risk: `${HOLDS} But a receipt that comes while Temporal is down is lost, though it may be the only sign of the SMS.`,
    change: 'Repeat a receipt with growing pauses until it is answered 2xx, for a day.',
  },
  'receipt-final': {
    must: 'sends one final receipt for each SMS',
    risk: 'Two final receipts may come from two SMS. Without one, the delivery settles as SENT_BY_SMS.',
    change: 'Send DELIVERED or UNDELIVERED once for the whole SMS, not for each of its parts.',
  },
} as const satisfies Readonly<Record<string, CheckText>>;

export type CheckName = keyof typeof CHECKS;

/** How one check ended. */
export interface Verdict {
  readonly check: CheckName;
  readonly result: 'ok' | 'failed' | 'skipped';
  /** What the gateway did, or why the check was skipped. Has no number, text, token or URL in it. */
  readonly found: string;
}

/** What a check says itself. */
export interface Finding {
  readonly holds: boolean;
  readonly found: string;
}
