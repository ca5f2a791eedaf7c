import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import {
  checkSearchAttributes,
  ATTRIBUTE_TYPES,
  type SearchAttributeCheck,
} from '../temporal/namespace-search-attributes.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../contract/search-attributes.js';
import { CommandFailedError } from './command-failed-error.js';
import type { SetupOptions } from './setup-command.js';
import { noNamespace } from './temporal-words.js';
import { withAccess, type Access } from './with-delivery-client.js';

const CALL_MS = 10_000;
/** Temporal's services reread the attributes once a minute. */
const USABLE_WITHIN_MS = 75_000;

/** Registers what is missing, and waits until Temporal takes it. */
export async function runSetup({ dryRun = false, json = false }: SetupOptions): Promise<void> {
  await withAccess(async (access) => {
    const { namespace } = access.config.temporal;
    const before = await told(access, () => checkSearchAttributes({ connection: access.connection, namespace }));
    refuseConflicts(before, namespace);
    const say = (line: string) => {
      if (!json) process.stdout.write(`${line}\n`);
    };
    for (const name of before.present) say(`  there    ${name} (${SEARCH_ATTRIBUTES[name]})`);
    for (const name of before.missing) say(`  ${dryRun ? 'missing' : 'adding '}  ${name} (${SEARCH_ATTRIBUTES[name]})`);
    const added = dryRun ? [] : before.missing;
    if (added.length > 0) await add(access, added);
    const usable = added.length === 0 || (await untilUsable(access, added, say));
    const missing = dryRun ? before.missing : [];
    if (json) {
      process.stdout.write(`${JSON.stringify({ namespace, present: before.present, added, missing, usable })}\n`);
    }
    if (missing.length > 0) throw new CommandFailedError(`namespace ${namespace} lacks ${listed(missing)}`);
    say(
      usable ? `namespace ${namespace} is ready` : `registered; Temporal may take another minute to know all of them`,
    );
  });
}

async function add(access: Access, names: readonly SearchAttributeName[]): Promise<void> {
  const { connection, config } = access;
  const { namespace } = config.temporal;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, ATTRIBUTE_TYPES[SEARCH_ATTRIBUTES[name]]]));
  try {
    await told(access, () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  } catch (error) {
    // Somebody else's setup may have been quicker: what counts is what is there now.
    const now = await checkSearchAttributes({ connection, namespace }).catch(() => undefined);
    if (now === undefined || now.missing.length > 0) throw error;
  }
  // Some servers answer OK to what they don't do: a name that is there already keeps its old type.
  const after = await told(access, () => checkSearchAttributes({ connection, namespace }));
  refuseConflicts(after, namespace);
}

function refuseConflicts({ conflicting }: SearchAttributeCheck, namespace: string): void {
  if (conflicting.length === 0) return;
  const lines = conflicting.map(({ name, type, wanted }) => `  ${name} is ${type}, and must be ${wanted}`);
  throw new CommandFailedError(
    `namespace ${namespace} has search attributes of these names but of another type:\n${lines.join('\n')}\n` +
      'Nothing was added for them. Deliveries run without. Remove them if nobody else uses them ' +
      `(temporal operator search-attribute remove --namespace ${namespace} --name …) and run setup again, or take another namespace.`,
  );
}

/** Registering is not yet knowing: each of Temporal's services has a cache. */
async function untilUsable(
  { client }: Access,
  names: readonly SearchAttributeName[],
  say: (line: string) => void,
): Promise<boolean> {
  const query = `WorkflowId = 'none' AND (${names.map((name) => `${name} IS NULL`).join(' OR ')})`;
  const end = Date.now() + USABLE_WITHIN_MS;
  for (let attempt = 1; Date.now() < end; attempt += 1) {
    const known = await client.workflow.count(query).then(
      () => true,
      () => false,
    );
    if (known) return true;
    if (attempt === 3) say('registered; waiting until Temporal knows them, which takes up to a minute');
    await delay(1_000);
  }
  return false;
}

/** One call, its refusals in words that help. */
async function told<T>(access: Access, work: () => Promise<T>): Promise<T> {
  const { client, config } = access;
  const call = { client: client.workflow, workflowId: '', timeoutMs: CALL_MS, answeredBy: 'server' } as const;
  return temporalCall(call, async () => {
    try {
      return await work();
    } catch (error) {
      throw inWords(error, config.temporal);
    }
  });
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

function inWords(error: unknown, { address, namespace }: { address: string; namespace: string }): unknown {
  if (!isGrpcServiceError(error)) return error;
  const code: number = error.code;
  const all = Object.entries(SEARCH_ATTRIBUTES);
  if (code === NOT_FOUND) return noNamespace({ address, namespace });
  if (code === PERMISSION_DENIED || code === UNIMPLEMENTED) {
    const flags = all.map(([name, type]) => `--search-attribute ${name}=${CLOUD_TYPES[type]}`);
    return new CommandFailedError(
      `Temporal at ${address} does not let this client read or add search attributes.\n` +
        'Self-hosted: use credentials that may administer the namespace. Temporal Cloud: register them with\n' +
        `  tcld namespace search-attributes add --namespace ${namespace} \\\n    ${flags.join(' \\\n    ')}\n` +
        "or in the namespace's settings in the web interface.",
    );
  }
  if (code === INVALID_ARGUMENT && /cannot have more than/.test(error.details)) {
    return new CommandFailedError(
      `namespace ${namespace} has no room for more search attributes of a type (on SQL databases: 10 keywords, 3 datetimes); ` +
        'nothing was added. Remove those that nobody uses, or take another namespace.',
    );
  }
  return error;
}
const CLOUD_TYPES = { KEYWORD: 'Keyword', DATETIME: 'Datetime', BOOL: 'Bool' } as const;

const listed = (names: readonly string[]): string => names.join(', ');
