import type { PhoneBehaviourInput } from './phone-behaviour.js';

/** A phone of the demo. The title says in one line what happens. */
export interface DemoPhone {
  readonly title: string;
  readonly behaviour: PhoneBehaviourInput;
}

/** The phones of examples/messages.jsonl, whose messages expire after 8 s. Every other number delivers after 0.5 s. */
export const demoPhones: Readonly<Record<string, DemoPhone>> = {
  '+15550100001': { title: 'delivered at once', behaviour: { deliverAfter: '300ms' } },
  '+15550100002': { title: 'delivered just before expiry', behaviour: { deliverAfter: '6s' } },
  '+15550100003': { title: 'offline: revoked, then SMS', behaviour: { rcs: 'offline', smsReceiptDelay: '1s' } },
  '+15550100004': { title: 'not reachable by RCS: SMS at once', behaviour: { rcs: 'notRcs', smsReceiptDelay: '1s' } },
  '+15550100005': {
    title: 'revoke answered 200, then DELIVERED',
    behaviour: { rcs: 'offline', deliverWhileRevoking: { answer: 200, deliveredAfter: '1.5s' } },
  },
  '+15550100006': {
    title: 'revoke answered 404, then DELIVERED',
    behaviour: { rcs: 'offline', deliverWhileRevoking: { answer: 404, deliveredAfter: '1.5s' } },
  },
  '+15550100007': { title: 'offline, no SMS wanted: revoked', behaviour: { rcs: 'offline' } },
};

/** The phones' behaviours, for `createSimulator({ phones })`. */
export const demoBehaviours: Readonly<Record<string, PhoneBehaviourInput>> = Object.fromEntries(
  Object.entries(demoPhones).map(([phone, { behaviour }]) => [phone, behaviour]),
);
