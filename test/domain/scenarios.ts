import fc from 'fast-check';
import type { Scenario, ScriptedProvider } from './world/scenario.js';

const seconds = (min: number, max: number) =>
  fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => tenths * 100);
const script = <const T extends string>(...answers: T[]): fc.Arbitrary<readonly T[]> =>
  fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 6 });
const allOk: fc.Arbitrary<readonly 'ok'[]> = fc.constant(['ok']);

const input: fc.Arbitrary<Scenario['input']> = fc
  .record({
    messageTrafficType: fc.constantFrom('AUTHENTICATION' as const, 'TRANSACTION' as const, 'PROMOTION' as const),
    ttl: fc.constantFrom('1s', '10s', '60s', '600s'),
    revocation: fc.record({
      strategy: fc.constantFrom('agent' as const, 'platform' as const),
      grace: fc.constantFrom('0s', '1s', '5s'),
      budget: fc.constantFrom('1s', '3s', '5s', '30s', '60s'),
      holdTimeout: fc.constantFrom('60s', '3600s'),
    }),
  })
  .chain((base) =>
    fc
      .record({
        acceptanceTimeout: fc.option(fc.constantFrom('1s', '5s', '20s', '60s'), { freq: 1 }),
        validity: fc.option(fc.constantFrom('1s', '20s', '120s', '3600s'), { freq: 1 }),
        fallback: fc.boolean(),
        whenUncertain: fc.option(fc.constantFrom('send' as const, 'hold' as const), { freq: 1 }),
      })
      .map(({ acceptanceTimeout, validity, fallback, whenUncertain }) => ({
        ...base,
        ...(acceptanceTimeout !== null && { acceptanceTimeout }),
        ...(base.messageTrafficType === 'TRANSACTION' && { honorOptOut: true }),
        ...(fallback && {
          fallback: {
            sms: { text: 'x', ...(validity !== null && { validity }) },
            ...(whenUncertain !== null && { whenUncertain }),
          },
        }),
      })),
  );

const provider: fc.Arbitrary<ScriptedProvider> = fc.record({
  isIdempotent: fc.boolean(),
  answers: fc.oneof(
    allOk as fc.Arbitrary<ScriptedProvider['answers']>,
    script(
      'ok',
      'lostButSent',
      'lost',
      'crashed',
      'crashedButSent',
      'account',
      'unreachable',
      'throttled',
      'refused',
      'notStarted',
    ),
  ),
});

const action = fc.record({
  after: seconds(0, 70),
  does: fc.constantFrom(
    'cancel' as const,
    'revokeNow' as const,
    'revokeNowNoSms' as const,
    'extend' as const,
    'shorten' as const,
  ),
});

/** Everything that RBM, phones, providers, operators and outages may do, weighted towards the usual. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    input,
    creates: fc.oneof(
      { weight: 3, arbitrary: allOk },
      {
        weight: 2,
        arbitrary: script(
          'ok',
          'slow',
          'repeated',
          'lostButQueued',
          'lost',
          '404',
          '400',
          '403',
          '429',
          'hangs',
          'anotherRun',
          'anotherRunWithSms',
        ),
      },
    ),
    deletes: fc.oneof(
      { weight: 2, arbitrary: allOk },
      { weight: 3, arbitrary: script('ok', 'lostButDone', 'lost', '404', '500', '429', 'hangs') },
    ),
    onlineAfter: fc.oneof(fc.constant(Infinity), seconds(0, 120)),
    reading: fc.constantFrom('new' as const, 'old' as const),
    deliveredDelays: fc.array(fc.oneof(seconds(0, 8), seconds(0, 700)), { maxLength: 3 }),
    ttlEvent: fc.record({
      kind: fc.constantFrom('honest' as const, 'honest' as const, 'contrary' as const, 'none' as const),
      delay: seconds(0, 40),
    }),
    strays: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.record({
            after: seconds(0, 120),
            kind: fc.constantFrom(
              'ttlExpirationRevoked' as const,
              'ttlExpirationRevokeFailed' as const,
              'smsDelivered' as const,
              'deliveredToAnother' as const,
            ),
          }),
          { maxLength: 3 },
        ),
      },
    ),
    smsProviders: fc.array(provider, { minLength: 1, maxLength: 3 }),
    reconciles: script('honest', 'unknown'),
    receipts: fc.array(
      fc.record({
        status: fc.constantFrom('DELIVERED' as const, 'UNDELIVERED' as const, 'UNDELIVERED' as const, 'SENT' as const),
        delay: fc.oneof(seconds(0, 15), seconds(0, 60)),
      }),
      { maxLength: 3 },
    ),
  })
  .chain((base) =>
    fc
      .record({
        optsOut: fc.option(
          fc.record({
            after: fc.oneof(seconds(0, 120), fc.constantFrom(-1, 0)),
            signalAfter: fc.oneof(fc.constant(Infinity), seconds(0, 10)),
          }),
          { nil: undefined, freq: 1 },
        ),
        retryAfter: fc.option(fc.oneof(seconds(0, 20), seconds(0, 4_000)), { nil: undefined, freq: 1 }),
        proof: fc.constantFrom('delivered' as const, 'delivered' as const, 'read' as const, 'replied' as const),
        outages: fc.oneof(
          { weight: 3, arbitrary: fc.constant([]) },
          {
            weight: 1,
            arbitrary: fc.array(fc.record({ after: seconds(0, 120), lasts: seconds(1, 900) }), {
              minLength: 1,
              maxLength: 2,
            }),
          },
        ),
        lag: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: seconds(0, 20) }),
        tellsOutages: fc.boolean(),
        resets: fc.oneof(
          { weight: 4, arbitrary: fc.constant([]) },
          {
            weight: 1,
            arbitrary: fc.array(fc.record({ after: seconds(0, 150), keeps: fc.constantFrom(0, 0, 0.3, 0.6, 0.9) }), {
              minLength: 1,
              maxLength: 2,
            }),
          },
        ),
        historyIsReadable: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
        operators: fc.oneof(
          { weight: 3, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.array(action, { minLength: 1, maxLength: 2 }) },
        ),
      })
      .map(({ retryAfter, optsOut, ...rest }) => ({
        ...base,
        ...rest,
        ...(retryAfter !== undefined && { retryAfter }),
        ...(optsOut !== undefined && { optsOut }),
      })),
  );
