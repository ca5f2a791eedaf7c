import { Command } from 'commander';
import type { Terminal } from './terminal.js';

export function webhookCommand({ shutdownSignal }: Terminal): Command {
  return new Command('webhook')
    .description("receive RBM's events and the SMS provider's receipts, and signal them to deliveries")
    .addHelpText(
      'after',
      `
Starts without Temporal too. Until Temporal answers, GET /readyz and every
event get a 503, so that the sender repeats the event. On SIGTERM it finishes
the requests in flight and exits with 0.

Example:
  RBM_WEBHOOK_CLIENT_TOKEN=… WEBHOOK_PORT=8080 rcs-delivery webhook

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RBM_WEBHOOK_CLIENT_TOKEN
(required), WEBHOOK_HOST, WEBHOOK_PORT, SMS_WEBHOOK_SECRET, TWILIO_AUTH_TOKEN
and WEBHOOK_PUBLIC_URL, RBM_AGENTS, RBM_FORWARD_URL, TASK_QUEUE and
RECIPIENT_HASH_KEY for opt-outs, PAYLOAD_ENCRYPTION_KEYS, LOG_LEVEL.`,
    )
    .action(async () => {
      const signal = shutdownSignal();
      const { startWebhook } = await import('../roles/webhook.js');
      await startWebhook(signal);
    });
}
