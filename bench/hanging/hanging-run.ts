import { setTimeout as delay } from 'node:timers/promises';
import type { StartInput } from '../../src/client/start-input.js';
import { withTestBed, type TestBed } from '../bed/test-bed.js';
import type { RequestKind } from '../fake/protocol.js';
import { atRate } from '../load/at-rate.js';
import { createMessages, type Messages } from '../load/messages.js';
import type { Random } from '../load/random.js';
import { warmUp } from '../load/warm-up.js';
import { latenessOf, type Lateness } from '../measure/spread.js';

export type Hanging = Exclude<RequestKind, 'bare'>;

export interface HangingOptions {
  /** What gets no answer for a while. */
  readonly hanging: Hanging;
  /** At most; fewer on a machine that is busy, since an overload is not what this measures. */
  readonly startsPerSecond: number;
  /** How long everything answers before, and for how long one kind does not. Milliseconds. */
  readonly calmMs: number;
  readonly hangMs: number;
  readonly random: Random;
}

/** Lateness while everything answered, and while one kind of request hung. */
export interface HangingRun {
  readonly hanging: Hanging;
  readonly startsPerSecond: number;
  readonly calm: Steps;
  readonly hung: Steps;
}

/** Of a create since the call of the client, of a DELETE since the expiry, of an SMS since it could be sent. */
export type Steps = Readonly<Record<'create' | 'delete' | 'sms' | 'smsWithoutRcs', Lateness>>;

const GRACE_MS = 2_000;
/** A fallback costs about twice as much as a delivered message, and half of the traffic falls back. */
const SHARE_OF_POSSIBLE = 0.5;
/** After the hang, what was late gets this long to come. */
const TAIL_MS = 10_000;

/**
 * Steady traffic in which one kind of request gets no answer for a while. Half of the deliveries are delivered, a quarter
 * expires, a quarter has a number without RCS. Some expire during the hang that were accepted before it.
 */
export async function hangingRun(options: HangingOptions): Promise<HangingRun> {
  const { hanging, calmMs, hangMs, random } = options;
  return withTestBed({}, async (bed) => {
    const messages = createMessages(random);
    const startsPerSecond = Math.min(options.startsPerSecond, SHARE_OF_POSSIBLE * (await warmUp(bed, messages)));
    const traffic = createTraffic(bed, messages, options);
    const count = Math.floor(((calmMs + hangMs) / 1000) * startsPerSecond);
    const began = Date.now();
    const hangsFrom = began + calmMs;
    const hangs = delay(calmMs).then(() => {
      bed.fake.hang(hanging);
    });
    await Promise.all([hangs, atRate({ count, everyMs: 1000 / startsPerSecond, from: began }, traffic.start)]);
    const hangsUntil = Date.now();
    bed.fake.hang(null);
    await delay(TAIL_MS);
    return {
      hanging,
      startsPerSecond,
      calm: traffic.stepsDueIn(began, hangsFrom),
      hung: traffic.stepsDueIn(hangsFrom, hangsUntil),
    };
  });
}

interface Sent {
  readonly input: StartInput;
  readonly startedAt: number;
  readonly fate: 'delivered' | 'expires' | 'withoutRcs';
}

function createTraffic(bed: TestBed, messages: Messages, { hanging, calmMs, hangMs, random }: HangingOptions) {
  const sent: Sent[] = [];
  const { firstAt } = bed.fake;
  const notify = hanging === 'callback' ? { notify: { url: `${bed.fake.url}/callback` } } : {};
  const inputs: Readonly<Record<Sent['fate'], () => StartInput>> = {
    delivered: () => messages.code({ ttl: '300s', ...notify }),
    expires: () => messages.code({ expireTime: expiresIn(3_000, calmMs + hangMs), revocation, ...notify }),
    withoutRcs: () => messages.code({ ttl: '300s', recipient: messages.numberWithoutRcs(), ...notify }),
  };
  const expiresIn = (least: number, most: number) =>
    new Date(Date.now() + least + random.integer(most - least)).toISOString();

  /** The lateness of what was due in this time. What can only come after an answer that hung was due with it. */
  const late =
    (of: (one: Sent) => { readonly due: number | undefined; readonly at: number | undefined } | undefined) =>
    (from: number, until: number) =>
      latenessOf(
        sent.flatMap((one) => {
          const { due, at } = of(one) ?? {};
          if (due === undefined || due < from || due >= until) return [];
          return [at === undefined ? undefined : at - due];
        }),
      );
  const expiryOf = ({ input }: Sent) => new Date(input.expireTime ?? '').getTime();
  const created = late(({ input, startedAt }) => ({ due: startedAt, at: firstAt('create', input.messageId) }));
  const deleted = late((one) =>
    one.fate === 'expires' ? { due: expiryOf(one), at: firstAt('delete', one.input.messageId) } : undefined,
  );
  const texted = late((one) =>
    one.fate === 'expires' ? { due: expiryOf(one) + GRACE_MS, at: firstAt('sms', one.input.messageId) } : undefined,
  );
  const textedAtOnce = late((one) =>
    one.fate === 'withoutRcs'
      ? { due: firstAt('create', one.input.messageId), at: firstAt('sms', one.input.messageId) }
      : undefined,
  );
  return {
    start: async () => {
      const fate = (['delivered', 'delivered', 'expires', 'withoutRcs'] as const)[random.integer(4)] ?? 'delivered';
      const input = inputs[fate]();
      bed.phones.behave(input, { online: fate === 'delivered', smsReceipt: true });
      sent.push({ input, startedAt: Date.now(), fate });
      await bed.start(input);
    },
    stepsDueIn: (from: number, until: number): Steps => ({
      create: created(from, until),
      delete: deleted(from, until),
      sms: texted(from, until),
      smsWithoutRcs: textedAtOnce(from, until),
    }),
  };
}

const revocation = { grace: `${GRACE_MS / 1000}s` };
