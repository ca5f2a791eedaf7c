import fc from 'fast-check';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import type { ScriptedAnswer } from '../../dev/simulator/scripted-answer.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';

/** One delivery, and everything that RBM, the phone, the SMS provider and an operator do during it. */
export interface Scenario {
  readonly input: Pick<
    MessageDeliveryInput,
    'messageTrafficType' | 'acceptanceTimeout' | 'honorOptOut' | 'fallback' | 'revocation'
  >;
  /** Milliseconds from the start to the expiry. */
  readonly expiresAfter: number;
  /** Whether the caller gives the expiry as ttl or as expireTime. */
  readonly expiryAs: 'ttl' | 'expireTime';
  readonly phone: PhoneBehaviourInput;
  /** Whether the user taps a suggestion whose postbackData names the message. */
  readonly replies: boolean;
  /** Events that have nothing to do with what happened. `after`: milliseconds from the start. */
  readonly strays: readonly { readonly after: number; readonly eventType: string }[];
  /** Whether the person had opted out of the agent's promotions before. Later opt-outs are in `phone`. */
  readonly optedOut: boolean;
  readonly operator?: { readonly after: number; readonly does: OperatorAction };
  /** True if it takes real time. */
  readonly slow: boolean;
}
export type OperatorAction = 'cancel' | 'revokeNow' | 'revokeNowWithoutSms' | 'extend' | 'shorten';

type Events = NonNullable<PhoneBehaviourInput['events']>;

const weighted = <T>(...entries: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...entries.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const one = <T>(value: T) => fc.constant(value);
/** One to four answers. The last one repeats. */
const script = (...answers: readonly ScriptedAnswer[]) =>
  fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 4 });
const milliseconds = (min: number, max: number) =>
  fc.integer({ min: min / 100, max: max / 100 }).map((tenths) => tenths * 100);
/** Present in one case out of `times`. */
const oneIn = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  weighted<T | undefined>([times - 1, one(undefined)], [1, arbitrary]);

const limited: ScriptedAnswer = { status: 429, retryAfter: 2 };

const creates: fc.Arbitrary<ScriptedAnswer[]> = weighted(
  [6, one(['ok'])],
  [4, script('ok', 'acceptThenReset', 'reset', 'truncated', 404, 400, 401, 403, 409, 429, limited, 503, 'html502')],
);

const deletes: fc.Arbitrary<ScriptedAnswer[]> = weighted(
  [5, one(['ok'])],
  [5, script('ok', 'revokeThenReset', 'reset', 'truncated', 200, 404, 401, 403, 429, limited, 500, 503, 'html502')],
);

const smsAnswers: fc.Arbitrary<ScriptedAnswer[]> = weighted(
  [6, one(['ok'])],
  [
    4,
    script('ok', 'acceptThenReset', 'reset', 'truncated', 400, 429, limited, 500, {
      effectDelay: 4_000,
      takesEffect: true,
      fault: 'reset',
    }),
  ],
);

/** The answers of the first provider where there are two. Twilio surely sends nothing with these codes. */
const firstProvider: fc.Arbitrary<ScriptedAnswer[]> = weighted(
  [3, one(['ok'])],
  [
    5,
    script(
      { code: 20003 },
      { code: 21606 },
      { code: 20429 },
      limited,
      { code: 21211 },
      'ok',
      'acceptThenReset',
      'reset',
    ),
  ],
);

const optOut: fc.Arbitrary<NonNullable<PhoneBehaviourInput['optOut']>> = fc.record({
  when: fc.constantFrom('create' as const, 'accepted' as const, 'shown' as const, 'revoked' as const),
  after: weighted([2, one(0)], [2, milliseconds(100, 20_000)]),
  parts: fc.constantFrom(
    'eventThenKeyword' as const,
    'keywordThenEvent' as const,
    'event' as const,
    'keyword' as const,
  ),
});

const events: fc.Arbitrary<Events> = fc.record({
  delivered: weighted<Events['delivered']>([6, one('once')], [2, one('twice')], [2, one('never')]),
  deliveredDelay: weighted([4, one(0)], [2, milliseconds(100, 4_000)], [1, milliseconds(4_000, 60_000)]),
  read: fc.boolean(),
  readBeforeDelivered: weighted([4, one(false)], [1, one(true)]),
  typing: fc.boolean(),
  unknownEvent: weighted([4, one(false)], [1, one(true)]),
  ttlEvent: weighted<Events['ttlEvent']>(
    [4, one('revoked')],
    [2, fc.constantFrom('revokeFailed', 'unknown', 'none')],
    [1, one('afterDelivered')],
  ),
  ttlEventDelay: weighted([3, one(0)], [2, milliseconds(0, 20_000)]),
  ttlEventAfterDelete: fc.boolean(),
  fromOthers: weighted<Events['fromOthers']>(
    [8, one([])],
    [1, milliseconds(0, 20_000).map((after) => [{ eventType: 'DELIVERED', from: '+15559999999', after }])],
  ),
});

const presence: fc.Arbitrary<PhoneBehaviourInput> = weighted<PhoneBehaviourInput>(
  [5, milliseconds(0, 40_000).map((deliverAfter) => ({ rcs: 'deliver' as const, deliverAfter }))],
  [5, one({ rcs: 'offline' as const })],
  [3, milliseconds(5_000, 80_000).map((backAfter) => ({ rcs: 'offlineThenBack' as const, backAfter }))],
  [1, one({ rcs: 'notRcs' as const })],
);

const race = fc.record(
  { answer: fc.constantFrom(200 as const, 404 as const), deliveredAfter: fc.constantFrom('200ms', '2s', '8s', '40s') },
  { requiredKeys: ['deliveredAfter'] },
);

const phone: fc.Arbitrary<PhoneBehaviourInput> = fc
  .record({
    presence,
    deliverWhileRevoking: oneIn(5, race),
    atExpiry: oneIn(5, fc.constantFrom('revoke' as const, 'deliver' as const, 'keep' as const)),
    behaviour: fc.record({
      create: creates,
      delete: deletes,
      events,
      sms: smsAnswers,
      smsReceipt: weighted<NonNullable<PhoneBehaviourInput['smsReceipt']>>(
        [4, one('delivered')],
        [2, fc.constantFrom('undelivered', 'none', 'lost', 'sentThenDelivered', 'undeliveredThenDelivered')],
      ),
      smsReceiptDelay: weighted([3, milliseconds(0, 3_000)], [1, milliseconds(3_000, 50_000)]),
      smsListLag: fc.constantFrom(0, 0, 5_000),
    }),
    optOut: oneIn(6, optOut),
    firstProvider,
  })
  .map(({ presence: where, behaviour, deliverWhileRevoking, atExpiry, optOut: optsOut, firstProvider: twilio }) => ({
    ...where,
    ...behaviour,
    smsByProvider: { twilio },
    ...(optsOut && { optOut: optsOut }),
    ...(deliverWhileRevoking && { deliverWhileRevoking }),
    ...(atExpiry && { atExpiry }),
  }));

const fallback: fc.Arbitrary<NonNullable<MessageDeliveryInput['fallback']>> = fc
  .record({
    sender: oneIn(2, one('+15550109999')),
    validity: fc.constantFrom('25s', '60s', '90s'),
    whenUncertain: oneIn(2, fc.constantFrom('send' as const, 'hold' as const)),
  })
  .map(({ sender, validity, whenUncertain }) => ({
    sms: { text: 'Your code is 482913', ...(sender !== undefined && { sender }), validity, receiptTimeout: '60s' },
    ...(whenUncertain !== undefined && { whenUncertain }),
  }));

const input: fc.Arbitrary<Scenario['input']> = fc
  .record({
    messageTrafficType: fc.constantFrom(
      'AUTHENTICATION' as const,
      'PROMOTION' as const,
      'PROMOTION' as const,
      'TRANSACTION' as const,
      undefined,
    ),
    acceptanceTimeout: oneIn(3, fc.constantFrom('3s', '8s', '30s')),
    fallback: weighted<Scenario['input']['fallback']>([5, fallback], [1, one(undefined)]),
    revocation: fc.record({
      strategy: fc.constantFrom('agent' as const, 'platform' as const),
      grace: fc.constantFrom('0s', '1s', '3s', '5s'),
      budget: fc.constantFrom('6s', '10s', '30s', '30s'),
      holdTimeout: fc.constantFrom('60s', '90s', '120s'),
      deadMansSwitch: fc.constantFrom('0s', '5s', '60s'),
      ttlEventTimeout: fc.constantFrom('1s', '5s', '15s'),
    }),
  })
  .map(({ messageTrafficType, acceptanceTimeout, fallback: sms, revocation }) => ({
    ...(messageTrafficType && { messageTrafficType }),
    ...(messageTrafficType === 'TRANSACTION' && { honorOptOut: true }),
    ...(acceptanceTimeout !== undefined && { acceptanceTimeout }),
    ...(sms && { fallback: sms }),
    revocation,
  }));

const STRAYS = ['TTL_EXPIRATION_REVOKED', 'TTL_EXPIRATION_REVOKE_FAILED', 'TTL_EXPIRATION_PENDING', 'IS_TYPING'];
/** Also 0, which is before a worker has started. */
const moment = (max: number) => weighted([5, milliseconds(100, max)], [1, one(0)]);
const stray = fc.record({ after: moment(70_000), eventType: fc.constantFrom(...STRAYS) });
const operator = fc.record({
  after: moment(50_000),
  does: fc.constantFrom<OperatorAction>('cancel', 'revokeNow', 'revokeNowWithoutSms', 'extend', 'shorten'),
});

/**
 * Answers that come too late or never. They take real time, because the server skips no time while an activity is running.
 * So they all come at the start or ten seconds later, and all such scenarios are played in one batch.
 */
const SLOW: readonly Pick<PhoneBehaviourInput, 'rcs' | 'create' | 'delete' | 'sms'>[] = [
  { create: ['hang', 'ok'] },
  { create: ['acceptThenHang', 'ok'] },
  { create: ['acceptThenHang', 404] },
  { create: [{ delay: 1_500 }] },
  { create: [{ delay: 3_500 }, 'ok'] },
  { create: [{ effectDelay: 5_000, takesEffect: true, fault: 'hang' }, 'reset'] },
  { delete: ['hang', 'ok'] },
  { delete: ['hang', 'hang', 'ok'] },
  { delete: ['revokeThenHang', 'ok'] },
  { delete: [{ delay: 2_000 }] },
  { rcs: 'notRcs', sms: ['hang', 'ok'] },
  { rcs: 'notRcs', sms: ['acceptThenHang', 'ok'] },
];

function slowed(scenario: Omit<Scenario, 'slow'>, slow: (typeof SLOW)[number]): Scenario {
  const revocation = { ...scenario.input.revocation, grace: '1s', budget: '6s' };
  return {
    ...scenario,
    expiresAfter: 10_000,
    input: { ...scenario.input, revocation },
    phone: { ...scenario.phone, ...slow },
    slow: true,
  };
}

type Rarity = { readonly phone: PhoneBehaviourInput; readonly operator?: NonNullable<Scenario['operator']> };

const LATE: Rarity = {
  phone: {
    ...{ rcs: 'offline', create: ['ok'], delete: ['ok'], atExpiry: 'keep', sms: ['ok'] },
    deliverWhileRevoking: { answer: 200, deliveredAfter: '8s' },
    ...{ smsReceipt: 'delivered', smsReceiptDelay: 50_000 },
  },
};
/** Situations that are too rare by chance alone: a message that arrives after its SMS, an SMS in doubt, a cancellation. */
const RARE: readonly Rarity[] = [
  LATE,
  LATE,
  { phone: { rcs: 'notRcs', sms: ['acceptThenReset'], smsReceipt: 'none' } },
  { phone: { rcs: 'notRcs', sms: ['reset', 'ok'] } },
  { phone: { rcs: 'offline', create: ['ok'] }, operator: { after: 2_000, does: 'cancel' } },
];

function rarely(scenario: Omit<Scenario, 'slow'>, { phone: rare, operator: acts }: Rarity): Scenario {
  const { input: given, phone: usual } = scenario;
  const sms = given.fallback ?? { sms: { text: 'Your code is 482913', validity: '90s', receiptTimeout: '60s' } };
  return {
    ...scenario,
    input: { ...given, fallback: sms },
    phone: { ...usual, ...rare, optOut: [], events: { ...usual.events, delivered: 'once', ttlEvent: 'none' } },
    optedOut: false,
    ...(acts && { operator: acts }),
    slow: false,
  };
}

/** Random scenarios. Normal behaviour is more likely, and every fault of the simulators occurs. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    input,
    expiresAfter: fc.constantFrom(10_000, 10_000, 20_000, 45_000, 60_000),
    expiryAs: fc.constantFrom('ttl' as const, 'expireTime' as const),
    phone,
    replies: fc.integer({ min: 1, max: 8 }).map((n) => n === 1),
    strays: weighted([6, one([])], [1, fc.array(stray, { minLength: 1, maxLength: 3 })]),
    optedOut: fc.integer({ min: 1, max: 12 }).map((n) => n === 1),
    operator: oneIn(5, operator),
    slow: oneIn(12, fc.constantFrom(...SLOW)),
    rare: oneIn(10, fc.constantFrom(...RARE)),
  })
  .map(({ operator: acts, slow, rare, ...scenario }) => {
    if (slow !== undefined) return slowed(scenario, slow);
    if (rare !== undefined) return rarely(scenario, rare);
    return { ...scenario, slow: false, ...(acts && { operator: acts }) };
  });
