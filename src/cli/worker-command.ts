import { Command } from 'commander';
import { shutdownSignal } from '../roles/shutdown-signal.js';

export function workerCommand(): Command {
  return new Command('worker')
    .description('run deliveries: a Temporal worker that talks to RBM and to the SMS provider')
    .addHelpText(
      'after',
      `
Waits for Temporal as long as that takes. SIGTERM lets requests under way end (15 s), then exits 0.

Examples:
  RBM_REGION=europe GOOGLE_APPLICATION_CREDENTIALS=key.json rcs-delivery worker
  TEMPORAL_ADDRESS=temporal:7233 TASK_QUEUE=otp METRICS_PORT=9464 rcs-delivery worker

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE, RBM_REGION or RBM_ENDPOINT,
GOOGLE_APPLICATION_CREDENTIALS, SMS_PROVIDER and its variables, PAYLOAD_ENCRYPTION_KEYS, METRICS_PORT, LOG_LEVEL.`,
    )
    .action(async () => {
      const signal = shutdownSignal();
      const { startWorker } = await import('../roles/worker.js');
      await startWorker(signal);
    });
}
