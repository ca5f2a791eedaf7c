import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';

const POLL_MS = 100;
const CALL_MS = 2_000;

/** Temporal's names of the types of search attributes, and what its command line program calls them. */
const CLI_TYPES = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** Name and type of each, such as `SEARCH_ATTRIBUTES` of the contract. */
export type SearchAttributes = Readonly<Record<string, keyof typeof CLI_TYPES>>;

/** `Name=Type` for each, as Temporal's command line program wants it. */
export const searchAttributeFlags = (attributes: SearchAttributes): string[] =>
  Object.entries(attributes).map(([name, type]) => `${name}=${CLI_TYPES[type]}`);

export interface UsableOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly limitMs: number;
}

/**
 * Waits until workflows can be started in the namespace of a server that is starting. One that answers is not yet there:
 * for its first moments the namespace is unknown to parts of it. Throws the last failure when the time is over, and
 * the signal's reason some seconds after it is aborted at the latest.
 */
export async function untilUsable(options: UsableOptions & { readonly signal: AbortSignal }): Promise<void> {
  const end = Date.now() + options.limitMs;
  for (;;) {
    try {
      await assertUsable({ ...options, limitMs: CALL_MS });
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      if (Date.now() > end) throw error;
      await delay(POLL_MS);
    }
  }
}

/** Asks each part that a delivery needs one question: frontend, visibility, matching. Throws unless all answer in time. */
export async function assertUsable({ connection, namespace, limitMs }: UsableOptions): Promise<void> {
  const { workflowService } = connection;
  const ask = async () => {
    await workflowService.describeNamespace({ namespace });
    await workflowService.countWorkflowExecutions({ namespace });
    await workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'readiness' } });
  };
  await connection.withDeadline(Date.now() + limitMs, ask);
}

/** Those that are not registered in the namespace. None, if the server won't tell (Temporal Cloud does not, here). */
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
