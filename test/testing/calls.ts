import type {
  DeliveryClient,
  DeliveryFilter,
  DeliveryHandle,
  OptOutPerson,
  Outcome,
  StartInput,
} from '../../src/index.js';

/** A delivery client under test, and what its surroundings do to a delivery. */
export interface Subject {
  readonly deliveries: DeliveryClient;
  /** Resolves when RBM has accepted the message. */
  readonly accepted: (delivery: DeliveryHandle) => Promise<void>;
  /** Makes the delivery settle so. */
  readonly settle: (delivery: DeliveryHandle, outcome: Outcome) => Promise<void>;
  readonly terminate: (delivery: DeliveryHandle) => Promise<void>;
}

const ID = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c';
export const UNREACHABLE = '+15550100009';
const message = (number: number, changes: Partial<StartInput> = {}): StartInput => ({
  agentId: 'acme',
  messageId: `${ID}${String(number)}`,
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
  messageTrafficType: 'AUTHENTICATION',
  ttl: '3600s',
  // With a long budget, a DELETE may take 10 s.
  revocation: { grace: '0s', budget: '600s' },
  ...changes,
});
const SMS = { sms: { text: 'Your code is 482913' } };
const hour = () => new Date(Date.now() + 3_600_000);
const anyone = (changes: object = {}) => ({ agentId: 'acme', recipient: '+15550100001', ...changes }) as OptOutPerson;

type Call = (subject: Subject) => unknown;
const last = ({ deliveries }: Subject, number: number) => deliveries.handle(message(number));

const handleOf = ({ deliveries }: Subject, number: number) =>
  deliveries.handle({ agentId: number === 12 ? 'acme-offers' : 'acme', messageId: message(number).messageId });
const settled = (number: number, outcome: Outcome): readonly (readonly [string, Call])[] => [
  [`settle ${outcome}`, (subject) => subject.settle(handleOf(subject, number), outcome)],
  [`outcome ${outcome}`, (subject) => handleOf(subject, number).outcome()],
  [`status ${outcome}`, (subject) => handleOf(subject, number).status()],
];

/** The calls of a backend, in this order, each with a name. What they return, or throw, is compared. */
export const CALLS: readonly (readonly [string, Call])[] = [
  // Starts.
  ['start nothing', ({ deliveries }) => deliveries.start(undefined as never)],
  ['start an empty input', ({ deliveries }) => deliveries.start({} as never)],
  ['start with many mistakes', ({ deliveries }) => deliveries.start(message(10, { recipient: '12', ttl: '10m' }))],
  ['start too late', ({ deliveries }) => deliveries.start({ ...message(10), ttl: undefined, expireTime: new Date(0) })],
  [
    'start',
    async (subject) => {
      const { deliveries } = subject;
      const messageId = message(11).messageId.toUpperCase();
      const spelled = { agentId: 'acme@rbm.goog', recipient: '0151 23456789', messageId };
      const { agentId, isNew, workflowId, ...more } = await deliveries.start(message(11, spelled));
      await subject.accepted(last(subject, 11));
      return { agentId, isNew, workflowId, messageId: more.messageId, methods: Object.keys(more).sort() };
    },
  ],
  [
    'start again',
    async ({ deliveries }) => (await deliveries.start(message(11, { recipient: '+4915123456789' }))).isNew,
  ],
  ['start another', ({ deliveries }) => deliveries.start(message(11, { ttl: '60s', fallback: SMS }))],
  [
    'a default type',
    async (subject) => {
      const { deliveries } = subject;
      const { messageTrafficType, ...rest } = message(12, { agentId: 'acme-offers' });
      const first = await deliveries.start(rest);
      await subject.accepted(first);
      return [
        messageTrafficType,
        first.isNew,
        (await deliveries.start({ ...rest, messageTrafficType: 'PROMOTION' })).isNew,
      ];
    },
  ],
  [
    'start many',
    async ({ deliveries }) => {
      const inputs = [message(13, { recipient: UNREACHABLE, fallback: SMS }), message(13)];
      const found = [];
      // One after the other, so that the second one is the conflict.
      for await (const result of deliveries.startMany(inputs, { concurrency: 1 }))
        found.push(result.ok ? [result.index, result.handle.isNew] : [result.index, result.error]);
      return found;
    },
  ],

  // One delivery.
  ['a handle of nonsense', ({ deliveries }) => deliveries.handle('acme')],
  ...(['status', 'outcome', 'cancel'] as const).map(
    (method) => [`${method} of an unknown one`, (subject: Subject) => last(subject, 99)[method]()] as const,
  ),
  ['revoke an unknown one', (subject) => last(subject, 99).revokeNow({ reason: 'wrong price', fallback: 'none' })],
  ['status', (subject) => last(subject, 11).status()],
  ['an expiry in the past', (subject) => last(subject, 11).changeExpiry({ expireTime: new Date(0) })],
  ['an expiry too late', (subject) => last(subject, 11).changeExpiry({ expireTime: '2199-01-01T00:00:00Z' })],
  ['an expiry of nonsense', (subject) => last(subject, 11).changeExpiry({ expireTime: 'soon' })],
  ['a new expiry', (subject) => last(subject, 11).changeExpiry({ expireTime: hour() }, { updateId: 'once' })],
  [
    'the same update once more',
    async (subject) => {
      const again = () => last(subject, 11).changeExpiry({ expireTime: hour() }, { updateId: 'once' });
      return (await again()).expireTime === (await last(subject, 11).status()).expireTime;
    },
  ],
  ['revoke without a reason', (subject) => last(subject, 11).revokeNow({ reason: ' ', fallback: 'none' })],
  [
    'revoke, and an SMS that is not wanted',
    (subject) => last(subject, 11).revokeNow({ reason: 'sold', fallback: 'sms' }),
  ],
  ['revoke with nonsense', (subject) => last(subject, 11).revokeNow({ reason: 'sold', fallback: 'fax' } as never)],
  ['revoke', (subject) => last(subject, 11).revokeNow({ reason: 'sold', fallback: 'none' })],
  ['revoke twice', (subject) => last(subject, 11).revokeNow({ reason: 'sold', fallback: 'none' })],
  ['a new expiry too late', (subject) => last(subject, 11).changeExpiry({ expireTime: hour() })],
  ...settled(11, 'REVOKED'),
  [
    'cancel',
    async (subject) => {
      await subject.deliveries.start(message(14, { fallback: SMS }));
      await subject.accepted(last(subject, 14));
      await last(subject, 14).cancel();
      await last(subject, 14).cancel();
    },
  ],
  ...settled(14, 'CANCELLED'),
  ...settled(12, 'DELIVERED'),
  ...settled(13, 'DELIVERED_BY_SMS'),

  // After that.
  ['revoke a settled one', (subject) => last(subject, 13).revokeNow({ reason: 'sold', fallback: 'none' })],
  ['change a settled one', (subject) => last(subject, 13).changeExpiry({ expireTime: hour() })],
  ['cancel a settled one', (subject) => last(subject, 13).cancel()],
  [
    'start a settled one',
    async ({ deliveries }) => (await deliveries.start(message(13, { recipient: UNREACHABLE, fallback: SMS }))).isNew,
  ],
  [
    'terminate',
    async (subject) => {
      await subject.deliveries.start(message(15, { campaignId: 'spring' }));
      await subject.accepted(last(subject, 15));
      await subject.terminate(last(subject, 15));
    },
  ],
  ['start a terminated one', ({ deliveries }) => deliveries.start(message(15, { campaignId: 'spring' }))],
  ['status of a terminated one', (subject) => last(subject, 15).status()],
  ['outcome of a terminated one', (subject) => last(subject, 15).outcome()],

  // Opt-outs.
  ['an opt-out of nobody', ({ deliveries }) => deliveries.optOuts.add(anyone({ recipient: '12', channel: 'fax' }))],
  ['opted out?', ({ deliveries }) => deliveries.optOuts.has(anyone())],
  ['opt out', ({ deliveries }) => deliveries.optOuts.add(anyone(), { source: 'shop', sendTime: new Date(1_000) })],
  ['opted out', ({ deliveries }) => deliveries.optOuts.has(anyone({ agentId: 'acme-offers' }))],
  ['opt out of SMS', ({ deliveries }) => deliveries.optOuts.add(anyone({ recipient: '+15550100002', channel: 'sms' }))],
  [
    'opted out of SMS alone',
    async ({ deliveries: { optOuts } }) => [
      await optOuts.has(anyone({ recipient: '+15550100002' })),
      await optOuts.has(anyone({ recipient: '+15550100002', channel: 'sms' })),
    ],
  ],
];
/** What Temporal's index knows of it after some seconds. */
export const FILTERS: readonly (DeliveryFilter | undefined)[] = [
  undefined,
  { open: true },
  { open: false, agentId: 'acme@rbm.goog' },
  { status: ['DELIVERED', 'STARTED'] },
  { fallbackReason: ['unreachable', 'expired'] },
  { since: '2026-01-01T00:00:00Z' },
  { since: '2100-01-01T00:00:00Z' },
  { campaignId: 'spring' },
  { recipient: '0151 23456789' },
  { pastExpiry: true },
];
