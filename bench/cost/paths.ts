import type { StartInput } from '../../src/client/start-input.js';
import type { Messages } from '../load/messages.js';

/** One way that a delivery can go, and the signal that ends it. */
export interface Path {
  readonly title: string;
  readonly input: StartInput;
  /** Sent once this request has come and the delivery has nothing more to do. Absent: it settles by itself. */
  readonly signal?: { readonly name: 'delivered' | 'smsStatus'; readonly after: 'create' | 'sms' };
}

const delivered = { name: 'delivered', after: 'create' } as const;
const receipt = { name: 'smsStatus', after: 'sms' } as const;
/** Long enough that a busy machine has the create answered before. */
const SOON = { ttl: '6s', revocation: { grace: '3s' } };

export function paths({ code, numberWithoutRcs }: Messages, callbackUrl: string): readonly Path[] {
  return [
    { title: 'delivered', input: code({ ttl: '300s' }), signal: delivered },
    {
      title: 'delivered, with notify',
      input: code({ ttl: '300s', notify: { url: callbackUrl } }),
      signal: delivered,
    },
    {
      title: 'delivered, with notify.phases',
      input: code({ ttl: '300s', notify: { url: callbackUrl, phases: true } }),
      signal: delivered,
    },
    { title: 'revoked, no fallback', input: code({ ...SOON, fallback: undefined }) },
    { title: 'offline, SMS and its receipt', input: code(SOON), signal: receipt },
    {
      title: 'create 404, SMS and its receipt',
      input: code({ ttl: '300s', recipient: numberWithoutRcs() }),
      signal: receipt,
    },
  ];
}
