import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DAY } from '../../src/contract/duration.js';
import { MIN_RETENTION_DAYS } from '../../src/contract/retention.js';
import { CALL_MS, untilItWorks } from './server-start.js';

/** Types of search attributes: the SDK's names, and those of the `temporal` command. */
const CLI_TYPES = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** Search attributes by name, such as the contract's `SEARCH_ATTRIBUTES`. */
export type SearchAttributes = Readonly<Record<string, keyof typeof CLI_TYPES>>;

/** Formats each as `Name=Type`, for the `temporal` command. */
export const searchAttributeFlags = (attributes: SearchAttributes): string[] =>
  Object.entries(attributes).map(([name, type]) => `${name}=${CLI_TYPES[type]}`);

export interface UsableOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly limitMs: number;
}

/**
 * Waits until workflows can be started in the namespace of a starting server. That the server answers is not enough: at
 * first, parts of it don't know the namespace. Throws the last failure after `limitMs`, and the signal's reason within
 * seconds of its abort.
 */
export async function untilUsable(options: UsableOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { limitMs, signal } = options;
  await untilItWorks(() => assertUsable({ ...options, limitMs: CALL_MS }), { limitMs, signal });
}

/** Calls each service that a delivery needs: frontend, visibility, matching. Throws unless all answer within `limitMs`. */
export async function assertUsable({ connection, namespace, limitMs }: UsableOptions): Promise<void> {
  const { workflowService } = connection;
  const ask = async () => {
    await workflowService.describeNamespace({ namespace });
    await workflowService.countWorkflowExecutions({ namespace });
    await workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'readiness' } });
  };
  await connection.withDeadline(Date.now() + limitMs, ask);
}

/** Sets the retention that deliveries need. A dev server keeps closed workflows for one day. */
export async function keepClosedWorkflows({ workflowService }: Connection, namespace: string): Promise<void> {
  const config = { workflowExecutionRetentionTtl: msToTs(MIN_RETENTION_DAYS * DAY) };
  await workflowService.updateNamespace({ namespace, config });
}

/** Returns those not registered in the namespace. Empty if the server does not list them, as Temporal Cloud does not. */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<SearchAttributes> {
  const listed = await connection
    .withDeadline(Date.now() + CALL_MS, () => connection.operatorService.listSearchAttributes({ namespace }))
    .catch(() => undefined);
  if (listed === undefined) return {};
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !(name in listed.customAttributes)));
}
