import { setTimeout as delay } from 'node:timers/promises';
import type { StartInput } from '../../src/client/start-input.js';
import { withTestBed, type TestBed } from '../bed/test-bed.js';
import type { RequestKind } from '../fake/protocol.js';
import { atRate } from '../load/at-rate.js';
import { createMessages, type Messages } from '../load/messages.js';
import type { Random } from '../load/random.js';
import { holdsBy } from '../load/until.js';
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
/** The last delivery that will expire has this long until the first one expires, and the machine comes to rest. */
const REST_MS = 5_000;
/** After the hang, what was late gets this long to come. */
const TAIL_MS = 10_000;

/**
 * Steady traffic in which one kind of request gets no answer for a while. Of four deliveries, two are delivered, one has a
 * number without RCS and one expires. Those that expire were accepted before everything else began, so that the load is
 * the same all the time, and RBM has accepted them if its create hangs.
 */
export async function hangingRun(options: HangingOptions): Promise<HangingRun> {
  const { hanging, calmMs, hangMs, random } = options;
  return withTestBed({}, async (bed) => {
    const messages = createMessages(random);
    const notify = hanging === 'callback' ? { notify: { url: `${bed.fake.url}/callback` } } : {};
    const possible = await warmUp(bed, messages, notify);
    const perSecond = Math.min(options.startsPerSecond, SHARE_OF_POSSIBLE * possible);
    const traffic = createTraffic(bed, messages, notify);

    const fours = Math.floor((((calmMs + hangMs) / 1000) * perSecond) / 4);
    const pauseMs = 1000 / perSecond;
    const everyMs = 4 * pauseMs;
    const from = Date.now();
    const began = from + fours * pauseMs + REST_MS;
    await atRate({ count: fours, everyMs: pauseMs, from }, (index) => traffic.expires(began + index * everyMs));
    await delay(began - Date.now());

    const hangsFrom = began + calmMs;
    const hangs = delay(calmMs).then(() => {
      bed.fake.hang(hanging);
    });
    const starts = atRate({ count: 3 * fours, everyMs: everyMs / 3, from: began }, (index) =>
      index % 3 === 0 ? traffic.withoutRcs() : traffic.delivered(),
    );
    await Promise.all([hangs, starts]);
    const hangsUntil = Date.now();
    bed.fake.hang(null);
    await holdsBy(hangsUntil + TAIL_MS, traffic.hasSettled);
    return {
      hanging,
      startsPerSecond: perSecond,
      calm: traffic.stepsDueIn(began, hangsFrom),
      hung: traffic.stepsDueIn(hangsFrom, hangsUntil),
    };
  });
}

interface Sent {
  readonly messageId: string;
  readonly startedAt: number;
  /** Of a delivery that expires. */
  readonly expiresAt?: number;
  readonly hasRcs: boolean;
}

type Changes = Partial<StartInput>;

function createTraffic(bed: TestBed, { code, numberWithoutRcs }: Messages, notify: Changes) {
  const sent: Sent[] = [];
  const { firstAt } = bed.fake;
  const start = async (changes: Changes, { expiresAt, hasRcs = true }: Partial<Sent>) => {
    const input = code({ ...changes, ...notify });
    const { messageId } = input;
    bed.phones.behave(input, { online: expiresAt === undefined && hasRcs, smsReceipt: true });
    sent.push({ messageId, startedAt: Date.now(), hasRcs, ...(expiresAt !== undefined && { expiresAt }) });
    await bed.start(input);
  };
  /** The lateness of what was due in this time. What can only come after an answer that hung was due with it. */
  const lateness = (of: (one: Sent) => Due | undefined) => (from: number, until: number) =>
    latenessOf(
      sent.flatMap((one) => {
        const { due, at } = of(one) ?? {};
        if (due === undefined || due < from || due >= until) return [];
        return [at === undefined ? undefined : at - due];
      }),
    );
  const created = lateness(({ messageId, startedAt: due }) => ({ due, at: firstAt('create', messageId) }));
  const deleted = lateness(({ messageId, expiresAt: due }) => ({ due, at: firstAt('delete', messageId) }));
  const texted = lateness(({ messageId, expiresAt }) =>
    expiresAt === undefined ? undefined : { due: expiresAt + GRACE_MS, at: firstAt('sms', messageId) },
  );
  const textedAtOnce = lateness(({ messageId, hasRcs }) =>
    hasRcs ? undefined : { due: firstAt('create', messageId), at: firstAt('sms', messageId) },
  );
  return {
    delivered: () => start({ ttl: '300s' }, {}),
    withoutRcs: () => start({ ttl: '300s', recipient: numberWithoutRcs() }, { hasRcs: false }),
    expires: (expiresAt: number) => start({ expireTime: new Date(expiresAt).toISOString(), revocation }, { expiresAt }),
    hasSettled: () =>
      sent.every(({ messageId, expiresAt, hasRcs }) =>
        expiresAt === undefined && hasRcs ? firstAt('create', messageId) : firstAt('sms', messageId),
      ),
    stepsDueIn: (from: number, until: number): Steps => ({
      create: created(from, until),
      delete: deleted(from, until),
      sms: texted(from, until),
      smsWithoutRcs: textedAtOnce(from, until),
    }),
  };
}

interface Due {
  /** Undefined: never. */
  readonly due: number | undefined;
  /** Undefined: it has not come. */
  readonly at: number | undefined;
}

const revocation = { grace: `${GRACE_MS / 1000}s` };
