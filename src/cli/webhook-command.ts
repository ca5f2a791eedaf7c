import { Command } from 'commander';
import { shutdownSignal } from '../roles/shutdown-signal.js';

export function webhookCommand(): Command {
  return new Command('webhook')
    .description("receive RBM's events and the SMS provider's receipts, and signal them to deliveries")
    .addHelpText(
      'after',
      `
Starts without Temporal too: GET /readyz then answers 503, and so does every event, so that its sender repeats it.
SIGTERM lets requests under way end, then exits 0.

Example:
  RBM_WEBHOOK_CLIENT_TOKEN=… WEBHOOK_PORT=8080 rcs-delivery webhook

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RBM_WEBHOOK_CLIENT_TOKEN (required), WEBHOOK_HOST, WEBHOOK_PORT,
SMS_WEBHOOK_SECRET, TWILIO_AUTH_TOKEN and WEBHOOK_PUBLIC_URL, RBM_AGENTS, RBM_FORWARD_URL, PAYLOAD_ENCRYPTION_KEYS, LOG_LEVEL.`,
    )
    .action(async () => {
      const signal = shutdownSignal();
      const { startWebhook } = await import('../roles/webhook.js');
      await startWebhook(signal);
    });
}
