import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { inject } from 'vitest';
import { untilUsable, type SearchAttributes } from '../../dev/temporal/server-health.js';
import { ATTRIBUTE_TYPES } from '../../src/temporal/namespace-search-attributes.js';
import { DAY } from '../../src/contract/duration.js';
import { MIN_RETENTION_DAYS } from '../../src/contract/retention.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';

/** A namespace on the Temporal server that all test files share. Its workflows, lists and task queues are its own. */
export interface SharedTemporal {
  readonly address: string;
  readonly namespace: string;
  /** What makes a program use this namespace. */
  readonly variables: { readonly TEMPORAL_ADDRESS: string; readonly TEMPORAL_NAMESPACE: string };
}

/** Milliseconds. */
const USABLE_WITHIN = 30_000;

export interface SharedTemporalOptions {
  /** Default: those of the contract. */
  readonly searchAttributes?: SearchAttributes;
  /** In days. Default: the shortest that is safe. */
  readonly retentionDays?: number;
}

/** Creates a namespace with the search attributes. Throws if the run has no server. */
export async function sharedTemporal(options: SharedTemporalOptions = {}): Promise<SharedTemporal> {
  const { searchAttributes = SEARCH_ATTRIBUTES, retentionDays = MIN_RETENTION_DAYS } = options;
  const address = inject('temporalAddress');
  if (address === undefined) throw new Error('This run has no Temporal server: see globalSetup in vitest.config.ts.');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    const { workflowService, operatorService } = connection;
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(retentionDays * DAY),
    });
    await untilUsable({ connection, namespace, limitMs: USABLE_WITHIN, signal: new AbortController().signal });
    const types = Object.entries(searchAttributes).map(([name, type]) => [name, ATTRIBUTE_TYPES[type]] as const);
    if (types.length > 0) {
      await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
    }
  } finally {
    await connection.close();
  }
  return { address, namespace, variables: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } };
}
