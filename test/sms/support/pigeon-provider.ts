import { createHmac } from 'node:crypto';
import { text, variable } from '../../../src/config/variable.js';
import { defineSmsProvider } from '../../../src/sms/provider-definition.js';
import type { SmsProvider, SmsRequest } from '../../../src/sms/sms-provider.js';
import type { SmsReceipts } from '../../../src/sms/sms-receipts.js';

/** The whole file of a third provider, which neither the configuration nor the webhook has ever heard of. */
export const pigeonSms = defineSmsProvider({
  name: 'pigeon',
  sending: {
    variables: {
      PIGEON_LOFT: variable(text.optional(), { description: 'Where the pigeons live.', must: 'must be a loft' }),
    },
    required: ['PIGEON_LOFT'],
    requireSmsProvider: ['PIGEON_LOFT'],
    configure: ({ PIGEON_LOFT: loft = '' }) => ({ loft }),
    create: (config) => createPigeonProvider(config),
  },
  receiving: {
    variables: {
      PIGEON_KEY: variable(text.optional(), {
        description: 'What receipts are signed with.',
        must: 'must be a key',
        secret: 'token',
      }),
    },
    required: ['PIGEON_KEY'],
    configure: ({ PIGEON_KEY: key }) => (key === undefined ? undefined : { key }),
    create: (config) => createPigeonReceipts(config),
  },
});

/** What was sent, and from which loft. */
export const flights: { readonly loft: string; readonly request: SmsRequest }[] = [];

function createPigeonProvider({ loft }: { readonly loft: string }): SmsProvider {
  return {
    name: pigeonSms.name,
    repeatable: true,
    send: (request) => {
      flights.push({ loft, request });
      return Promise.resolve({ providerMessageId: 'pigeon-1' });
    },
    reconcile: () => Promise.resolve({ found: 'repeatable' }),
  };
}

/** Hex, unlike the signature of any other provider. */
export const signPigeon = (key: string, body: string | Buffer): string =>
  createHmac('sha256', key).update(body).digest('hex');

/** `ref={reference}&state=landed&ring={id}`, with the signature in a header. */
function createPigeonReceipts({ key }: { readonly key: string }): SmsReceipts {
  return {
    contentType: 'application/x-www-form-urlencoded',
    read: ({ headers, body }) => {
      const signature = headers['x-pigeon-signature'];
      if (signature === undefined) return { kind: 'malformed' };
      if (signature !== signPigeon(key, body)) return { kind: 'unsigned' };
      const form = new URLSearchParams(body.toString());
      const reference = form.get('ref');
      if (reference === null) return { kind: 'unreadable' };
      const status = form.get('state') === 'landed' ? 'DELIVERED' : undefined;
      return { kind: 'receipt', reference, status, eventId: form.get('ring') ?? '' };
    },
  };
}
