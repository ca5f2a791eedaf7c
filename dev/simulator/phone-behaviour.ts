import { z } from 'zod';
import { AnswerScript, Delay } from './scripted-answer.js';

/** Which events the webhook gets about a message, and when. Reports only: what really happens stands beside them. */
const Events = z.strictObject({
  delivered: z.enum(['once', 'twice', 'never']).default('once'),
  /** From the moment the phone shows the message. */
  deliveredDelay: Delay.default(0),
  read: z.boolean().default(false),
  /** Between DELIVERED and READ, whichever comes first. */
  readDelay: Delay.default(50),
  readBeforeDelivered: z.boolean().default(false),
  typing: z.boolean().default(false),
  /** The user answers: a text, or a tapped suggestion when `postbackData` is given. Posted with READ's delay. */
  reply: z.strictObject({ text: z.string(), postbackData: z.string().optional() }).optional(),
  /** An event of a kind that nobody knows yet. */
  unknownEvent: z.boolean().default(false),
  /** What is posted at the expiry of a message still queued. `afterDelivered`: TTL_EXPIRATION_REVOKED, even if delivered. */
  ttlEvent: z.enum(['revoked', 'revokeFailed', 'none', 'unknown', 'afterDelivered']).default('revoked'),
  ttlEventDelay: Delay.default(0),
  /** Whether a message that was taken back by DELETE still yields a TTL event at its expiry (undocumented). */
  ttlEventAfterDelete: z.boolean().default(false),
});

/** Everything about one phone. Free composition: reports may contradict what happens, as RBM's sometimes do. */
export const PhoneBehaviour = z.strictObject({
  rcs: z.enum(['deliver', 'offline', 'offlineThenBack', 'notRcs']).default('deliver'),
  /** From acceptance (for `offlineThenBack`: from the return). */
  deliverAfter: Delay.default(0),
  /** `offlineThenBack`: from acceptance. */
  backAfter: Delay.default(10_000),
  /** The first DELETE finds the phone fetching the message: the phone gets it, whatever is answered. */
  deliverWhileRevoking: z
    .strictObject({
      /** By default what the reading in force says of a delivered message. */
      answer: z.union([z.literal(200), z.literal(404)]).optional(),
      /** From the DELETE until the DELIVERED event. */
      deliveredAfter: Delay.default(500),
    })
    .optional(),
  /** What becomes of a message still queued at its expiry. Default: revoked, but kept when `ttlEvent` is `revokeFailed`. */
  atExpiry: z.enum(['revoke', 'deliver', 'keep']).optional(),
  create: AnswerScript,
  delete: AnswerScript,
  events: Events.prefault({}),
  sms: AnswerScript,
  /** `none`: the phone gets it, nobody says so. `lost`: neither. */
  smsReceipt: z.enum(['delivered', 'undelivered', 'none', 'lost', 'sentThenDelivered']).default('delivered'),
  smsReceiptDelay: Delay.default(200),
  /** Twilio: how long a message stays out of the message list after its acceptance. */
  smsListLag: Delay.default(0),
});

export type PhoneBehaviour = z.output<typeof PhoneBehaviour>;
export type PhoneBehaviourInput = z.input<typeof PhoneBehaviour>;

/** Named behaviours; `script(phone, name)` takes them as well. */
export const presets = {
  delivers: { deliverAfter: '500ms' },
  deliversAndReads: { deliverAfter: '200ms', events: { read: true } },
  offline: { rcs: 'offline' },
  offlineThenBack: { rcs: 'offlineThenBack', backAfter: '10s' },
  notRcs: { rcs: 'notRcs' },
  deliversInsideGrace: { rcs: 'offline', deliverWhileRevoking: { answer: 200, deliveredAfter: '2s' } },
  deliveredBeforeRevoke: { rcs: 'offline', deliverWhileRevoking: { answer: 404, deliveredAfter: '2s' } },
  deliveredUnreported: { deliverAfter: '200ms', events: { delivered: 'never' } },
  losesCreateAnswer: { create: ['acceptThenReset', 'ok'] },
  losesRevokeAnswer: { rcs: 'offline', delete: ['revokeThenReset', 'ok'] },
  revokeHangs: { rcs: 'offline', delete: 'hang' },
  rbmDown: { rcs: 'offline', create: 503, delete: 503 },
  eventsDoubled: { events: { delivered: 'twice', read: true } },
  eventsReversed: { events: { read: true, readBeforeDelivered: true } },
  noTtlEvent: { rcs: 'offline', events: { ttlEvent: 'none' } },
  ttlRevokeFailed: { rcs: 'offline', events: { ttlEvent: 'revokeFailed' } },
  smsRefused: { rcs: 'notRcs', sms: 400 },
  smsUndelivered: { rcs: 'notRcs', smsReceipt: 'undelivered' },
  smsWithoutReceipt: { rcs: 'notRcs', smsReceipt: 'none' },
} as const satisfies Readonly<Record<string, PhoneBehaviourInput>>;

export type PresetName = keyof typeof presets;
export const PresetName = z.enum(Object.keys(presets) as [PresetName, ...PresetName[]]);

/** @throws ZodError when the behaviour says something that doesn't exist. */
export const readBehaviour = (behaviour: PresetName | PhoneBehaviourInput): PhoneBehaviour =>
  PhoneBehaviour.parse(typeof behaviour === 'string' ? presets[behaviour] : behaviour);
