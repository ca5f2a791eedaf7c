import { Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runWebhook } from '../../src/roles/webhook.js';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { createLogger } from '../../src/observability/logger.js';

test('the webhook reconnects within seconds after any outage of Temporal', async () => {
  const lazy = vi.spyOn(Connection, 'lazy');
  onTestFinished(() => {
    lazy.mockRestore();
  });
  const config = readWebhookConfig({
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    RBM_WEBHOOK_CLIENT_TOKEN: 'test-client-token',
    WEBHOOK_HOST: '127.0.0.1',
    WEBHOOK_PORT: '0',
    WEBHOOK_SHUTDOWN_DELAY: '0s',
  });
  const logger = createLogger({ level: 'error', role: 'test' });
  await runWebhook({ config, logger, signal: AbortSignal.abort() });
  expect(lazy).toHaveBeenCalledWith({
    address: '127.0.0.1:1',
    channelArgs: { 'grpc.max_reconnect_backoff_ms': 5_000, 'grpc.enable_http_proxy': 0 },
  });
});
