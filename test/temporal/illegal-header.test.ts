import { inspect } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { createDeliveryClient, TemporalRefusedError } from '../../src/index.js';

const DELIVERY = { agentId: 'acme', messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21' };
const message = {
  ...DELIVERY,
  recipient: '+15550100001',
  contentMessage: { text: 'Hello' },
  messageTrafficType: 'TRANSACTION',
  ttl: '60s',
} as const;

/** gRPC's own error repeats the header. A backend logs errors with their causes. */
test.each(['marked-key\n', 'marked\nkey', 'marked-kéy'])(
  'an API key that no header can hold is not shown: %j',
  async (apiKey) => {
    const connection = Connection.lazy({ address: '127.0.0.1:1', apiKey, tls: false });
    const deliveries = createDeliveryClient({ client: new Client({ connection }) });
    for (const call of [
      () => deliveries.start(message),
      () => deliveries.handle(DELIVERY).status(),
      () => deliveries.handle(DELIVERY).revokeNow({ reason: 'test', fallback: 'none' }),
      () => deliveries.count(),
      () => deliveries.list().next(),
    ]) {
      const error: unknown = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(TemporalRefusedError);
      expect((error as Error).message).toMatch(/API key/);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('marked');
    }
  },
);
