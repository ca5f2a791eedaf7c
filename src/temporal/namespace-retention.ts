import type { ConnectionLike } from '@temporalio/client';
import { DAY, SECOND } from '../contract/duration.js';
import { MIN_RETENTION_DAYS } from '../contract/retention.js';
import { withDeadline } from './deadline.js';

export interface RetentionOptions {
  readonly connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  /** Milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * How many days a namespace keeps closed workflows. Undefined if the server does not say. Throws gRPC's error if the
 * namespace can't be read: this client may not, or there is none.
 */
export async function retentionDays(options: RetentionOptions): Promise<number | undefined> {
  const { connection, namespace, timeoutMs = 10_000 } = options;
  const { config } = await withDeadline(connection, { timeoutMs, extraMs: 500 }, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return seconds === 0 ? undefined : (seconds * SECOND) / DAY;
}

/** What a retention that is too short means, and how to change it. Undefined if it is long enough or unknown. */
export function retentionProblem(namespace: string, days: number | undefined): string | undefined {
  if (days === undefined || days >= MIN_RETENTION_DAYS) return undefined;
  const least = `${String(MIN_RETENTION_DAYS)} days`;
  return (
    `the namespace keeps closed deliveries for less than ${least}: after that the same message can be sent a second ` +
    "time, and RBM's late events find no delivery; run temporal operator namespace update " +
    `--namespace ${namespace} --retention ${String(MIN_RETENTION_DAYS * 24)}h`
  );
}
