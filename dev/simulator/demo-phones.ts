import type { PhoneBehaviourInput } from './phone-behaviour.js';

/** A phone of the demo: what it shows, in one line, and how it behaves. */
export interface DemoPhone {
  readonly title: string;
  readonly behaviour: PhoneBehaviourInput;
}

/** The phones of examples/messages.jsonl, whose messages expire after 8 s. Every other number delivers after 0.5 s. */
export const demoPhones: Readonly<Record<string, DemoPhone>> = {
  '+15550100001': { title: 'delivered at once', behaviour: { deliverAfter: '300ms' } },
  '+15550100002': { title: 'delivered just before expiry', behaviour: { deliverAfter: '6.5s' } },
  '+15550100003': { title: 'offline: revoked, then SMS', behaviour: { rcs: 'offline', smsReceiptDelay: '1s' } },
  '+15550100004': { title: 'not an RCS user: SMS at once', behaviour: { rcs: 'notRcs', smsReceiptDelay: '1s' } },
  '+15550100005': {
    title: 'revoke answered 200, DELIVERED inside the grace',
    behaviour: { rcs: 'offline', deliverWhileRevoking: { answer: 200, deliveredAfter: '1.5s' } },
  },
  '+15550100006': {
    title: 'revoke answered 404, DELIVERED follows',
    behaviour: { rcs: 'offline', deliverWhileRevoking: { answer: 404, deliveredAfter: '1.5s' } },
  },
  '+15550100007': { title: 'offline, no fallback asked: revoked', behaviour: { rcs: 'offline' } },
};

/** The table in the form that `createSimulator({ phones })` takes. */
export const demoBehaviours: Readonly<Record<string, PhoneBehaviourInput>> = Object.fromEntries(
  Object.entries(demoPhones).map(([phone, { behaviour }]) => [phone, behaviour]),
);
