import { Command } from 'commander';
import type { Terminal } from './terminal.js';

export function workerCommand({ shutdownSignal }: Terminal): Command {
  return new Command('worker')
    .description('run deliveries: a Temporal worker that calls RBM and the SMS provider')
    .addHelpText(
      'after',
      `
Waits for Temporal, however long that takes. On SIGTERM it finishes the
requests in flight within 15 s and exits with 0.

Examples:
  RBM_REGION=europe GOOGLE_APPLICATION_CREDENTIALS=key.json rcs-delivery worker
  TEMPORAL_ADDRESS=temporal:7233 TASK_QUEUE=otp METRICS_PORT=9464 \\
    rcs-delivery worker

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE, RBM_AGENTS,
RBM_REGION or RBM_ENDPOINT, GOOGLE_APPLICATION_CREDENTIALS, SMS_PROVIDER and
its variables, RECIPIENT_HASH_KEY, PAYLOAD_ENCRYPTION_KEYS, METRICS_PORT,
HEALTH_PORT, LOG_LEVEL.`,
    )
    .action(async () => {
      const signal = shutdownSignal();
      const { startWorker } = await import('../roles/worker.js');
      await startWorker(signal);
    });
}
