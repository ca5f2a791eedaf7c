import { z } from 'zod';
import { OptOutScripts } from './opt-out-script.js';
import { AnswerList, AnswerScript, Delay } from './scripted-answer.js';

const Phone = z.string().regex(/^\+[1-9]\d{6,14}$/);

/** Which events the webhook gets about a message, and when. They don't change what really happens. */
const Events = z.strictObject({
  delivered: z.enum(['once', 'twice', 'never']).default('once'),
  /** Counts from the moment the phone shows the message. */
  deliveredDelay: Delay.default(0),
  read: z.boolean().default(false),
  /** The time between DELIVERED and READ. */
  readDelay: Delay.default(50),
  readBeforeDelivered: z.boolean().default(false),
  typing: z.boolean().default(false),
  /** The user's reply: a text, or a tapped suggestion if `postbackData` is given. Posted at READ's time. */
  reply: z
    .strictObject({
      text: z.string(),
      postbackData: z.string().optional(),
      /** Of a suggestion. */
      type: z.enum(['REPLY', 'ACTION']).default('REPLY'),
      /** Without messageId and sendTime, as Google's sample of a tap. */
      bare: z.boolean().default(false),
    })
    .optional(),
  /** The events about the message carry this number in place of the recipient's. */
  from: Phone.optional(),
  /** Events of other numbers about the message. `after` counts from its acceptance. */
  fromOthers: z
    .array(z.strictObject({ eventType: z.string().min(1), from: Phone, after: Delay.default(0) }))
    .default([]),
  /** Also posts an event of an unknown type. */
  unknownEvent: z.boolean().default(false),
  /**
   * The event at the expiry of a queued message. `afterDelivered`: TTL_EXPIRATION_REVOKED, even for a delivered one.
   */
  ttlEvent: z.enum(['revoked', 'revokeFailed', 'none', 'unknown', 'afterDelivered']).default('revoked'),
  ttlEventDelay: Delay.default(0),
  /** Whether a message revoked by DELETE still gets a TTL event at its expiry. Undocumented. */
  ttlEventAfterDelete: z.boolean().default(false),
});

/** How one phone behaves. Events may contradict what happens, as RBM's sometimes do. */
export const PhoneBehaviour = z.strictObject({
  rcs: z.enum(['deliver', 'offline', 'offlineThenBack', 'notRcs']).default('deliver'),
  /** Counts from acceptance; for `offlineThenBack`, from the phone's return. */
  deliverAfter: Delay.default(0),
  /** For `offlineThenBack`. Counts from acceptance. */
  backAfter: Delay.default(10_000),
  /** The phone fetches the message during the first DELETE, and gets it whatever the answer says. */
  deliverWhileRevoking: z
    .strictObject({
      /** Default: the answer for a delivered message. */
      answer: z.union([z.literal(200), z.literal(404)]).optional(),
      /** The time from the DELETE to the DELIVERED event. */
      deliveredAfter: Delay.default(500),
    })
    .optional(),
  /** What happens to a queued message at its expiry. Default: `revoke`; `keep` if `ttlEvent` is `revokeFailed`. */
  atExpiry: z.enum(['revoke', 'deliver', 'keep']).optional(),
  create: AnswerScript,
  delete: AnswerScript,
  events: Events.prefault({}),
  /** The person opts out, or in again, at a moment in the life of each message. */
  optOut: OptOutScripts,
  sms: AnswerScript,
  /** One provider's own answers, in place of `sms`. */
  smsByProvider: z.strictObject({ twilio: AnswerList.optional(), http: AnswerList.optional() }).prefault({}),
  /** How long an SMS waits in the provider's queue. Beyond its validity, it is dropped. */
  smsQueuedFor: Delay.default(0),
  /** `none`: the phone gets the SMS, but no receipt is sent. `lost`: neither. */
  smsReceipt: z
    .enum(['delivered', 'undelivered', 'none', 'lost', 'sentThenDelivered', 'undeliveredThenDelivered'])
    .default('delivered'),
  smsReceiptDelay: Delay.default(200),
  /** For Twilio: how long after acceptance the message list lacks a message. */
  smsListLag: Delay.default(0),
  /**
   * For Twilio: `rcs` lists a message as `rcs:+…`, because its messaging service sent it by RCS. A filter by the plain
   * number finds it too; with `rcsOnly` it does not.
   */
  smsListedAs: z.enum(['sms', 'rcs', 'rcsOnly']).default('sms'),
});

export type PhoneBehaviour = z.output<typeof PhoneBehaviour>;
export type PhoneBehaviourInput = z.input<typeof PhoneBehaviour>;

/** Named behaviours, also for `script(phone, name)`. */
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
  ttlExpirationRevokeFailed: { rcs: 'offline', events: { ttlEvent: 'revokeFailed' } },
  smsRefused: { rcs: 'notRcs', sms: 400 },
  smsUndelivered: { rcs: 'notRcs', smsReceipt: 'undelivered' },
  smsWithoutReceipt: { rcs: 'notRcs', smsReceipt: 'none' },
  overUserLimit: { create: 429 },
  optsOutOnReceipt: { deliverAfter: '200ms', optOut: { when: 'shown' } },
  optsOutInFlight: { rcs: 'offline', optOut: { when: 'accepted', after: '1s' } },
  optsOutAfterRevocation: { rcs: 'offline', optOut: { when: 'revoked' } },
  tapsWithoutIds: { events: { reply: { text: 'Yes', postbackData: 'yes', bare: true } } },
} as const satisfies Readonly<Record<string, PhoneBehaviourInput>>;

export type PresetName = keyof typeof presets;
export const PresetName = z.enum(Object.keys(presets) as [PresetName, ...PresetName[]]);

/** Resolves a name and fills in defaults. Throws a ZodError if the behaviour is not valid. */
export const readBehaviour = (behaviour: PresetName | PhoneBehaviourInput): PhoneBehaviour =>
  PhoneBehaviour.parse(typeof behaviour === 'string' ? presets[behaviour] : behaviour);
