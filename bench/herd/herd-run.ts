import { setTimeout as delay } from 'node:timers/promises';
import type { StartInput } from '../../src/client/start-input.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { planFor } from '../../src/domain/plan.js';
import { withTestBed, type TestBed } from '../bed/test-bed.js';
import type { Variant } from '../bed/variant.js';
import { atRate } from '../load/at-rate.js';
import { closedLoop } from '../load/closed-loop.js';
import { createMessages } from '../load/messages.js';
import type { Random } from '../load/random.js';
import { startAccepted } from '../load/start-accepted.js';
import { holdsBy } from '../load/until.js';
import { warmUp } from '../load/warm-up.js';
import { latenessOf, type Lateness } from '../measure/spread.js';

export interface HerdOptions {
  readonly variant: Variant;
  /** How many promotions expire in one second. */
  readonly size: number;
  /** How many one-time codes expire in the same second. */
  readonly expiringCodes: number;
  /** How long after the expiry to wait for the last SMS. Milliseconds. */
  readonly drainLimitMs: number;
  readonly random: Random;
  /** Where the worker writes a CPU profile. Default: nowhere. */
  readonly profileDir?: string | undefined;
}

/** What a herd does to itself and to one-time codes. */
export interface HerdRun {
  readonly variant: string;
  readonly size: number;
  readonly expiringCodes: number;
  readonly promotionDelete: Lateness;
  readonly promotionSms: Lateness;
  readonly expiringCodeDelete: Lateness;
  readonly expiringCodeSms: Lateness;
  /** Of codes that are started while the herd expires: from the call of the client to RBM. */
  readonly startedCodeCreate: Lateness;
  /** From the expiry to the last SMS; null if the time limit came first. Milliseconds. */
  readonly drainMs: number | null;
}

const GRACE_MS = 5_000;
const STARTED_CODES = 50;
const START_EVERY_MS = 100;
const AT_A_TIME = 40;
/** RBM must have accepted all of the herd this long before it expires. Milliseconds. */
const REST_MS = 5_000;

/** Promotions of one campaign that reach no phone expire together. They wait under `hold`, the default of promotions. */
export async function herdRun(options: HerdOptions): Promise<HerdRun> {
  const { variant, size, expiringCodes, random, profileDir } = options;
  return withTestBed({ variant, profileDir }, async (bed) => {
    const messages = createMessages(random);
    const { code, promotion } = messages;
    const perSecond = await warmUp(bed, messages);
    const expiresAt = Date.now() + ((size + expiringCodes) / perSecond) * 1000 + 2 * REST_MS;
    const changed = (input: StartInput) => variant.input?.(input) ?? input;
    const at = (time: number) => ({ expireTime: new Date(time).toISOString() });
    const promotions = times(size, () => changed(promotion(at(expiresAt))));
    const codes = times(expiringCodes, (index) => changed(code(at(expiresAt + (index * 1000) / expiringCodes))));
    const waiting = [...promotions, ...codes];
    await closedLoop({ count: waiting.length, atATime: AT_A_TIME }, (index) => start(bed, waiting[index]));
    if (Date.now() > expiresAt - REST_MS) throw new Error(TOO_SLOW);
    await delay(expiresAt - Date.now());
    const startedCodes = await startCodes(bed, () => changed(code({ ttl: '60s' })), expiresAt);
    const hasDrained = () => waiting.every(({ messageId }) => bed.fake.firstAt('sms', messageId) !== undefined);
    const drained = await holdsBy(expiresAt + options.drainLimitMs, hasDrained);
    const lastSms = Math.max(expiresAt, ...waiting.map(({ messageId }) => bed.fake.firstAt('sms', messageId) ?? 0));
    const deletes = (inputs: readonly StartInput[]) => deleteLateness(bed, inputs);
    return {
      variant: variant.name,
      size,
      expiringCodes,
      promotionDelete: deletes(promotions),
      promotionSms: smsLateness(bed, promotions),
      expiringCodeDelete: deletes(codes),
      expiringCodeSms: smsLateness(bed, codes),
      startedCodeCreate: latenessOf(startedCodes),
      drainMs: drained ? lastSms - expiresAt : null,
    };
  });
}

const TOO_SLOW =
  'Other programs use too much of this machine: the herd would expire before RBM has accepted all of it.';

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

async function start(bed: TestBed, input: StartInput | undefined): Promise<void> {
  if (input !== undefined) await startAccepted(bed, input);
}

/** Resolves with the time from each start to its create, in milliseconds; undefined if none came within a minute. */
async function startCodes(bed: TestBed, code: () => StartInput, from: number): Promise<(number | undefined)[]> {
  const lateness: (number | undefined)[] = [];
  await atRate({ count: STARTED_CODES, everyMs: START_EVERY_MS, from }, async () => {
    const input = code();
    bed.phones.behave(input, { online: true });
    const startedAt = Date.now();
    await bed.start(input);
    const created = () => bed.fake.firstAt('create', input.messageId);
    await holdsBy(startedAt + 60_000, () => created() !== undefined);
    const createdAt = created();
    lateness.push(createdAt === undefined ? undefined : createdAt - startedAt);
  });
  return lateness;
}

const expiryOf = ({ expireTime = '' }: StartInput) => new Date(expireTime).getTime();

/** A promotion's DELETE has its own moment within the spread. */
const deleteDueAt = (input: StartInput) =>
  expiryOf(input) + planFor(input as MessageDeliveryInput, Date.now()).spreadDelay;

function deleteLateness(bed: TestBed, inputs: readonly StartInput[]): Lateness {
  return latenessOf(inputs.map((input) => since(bed.fake.firstAt('delete', input.messageId), deleteDueAt(input))));
}

function smsLateness(bed: TestBed, inputs: readonly StartInput[]): Lateness {
  return latenessOf(inputs.map((input) => since(bed.fake.firstAt('sms', input.messageId), expiryOf(input) + GRACE_MS)));
}

const since = (at: number | undefined, due: number) => (at === undefined ? undefined : at - due);
