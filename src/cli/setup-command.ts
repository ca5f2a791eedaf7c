import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { retentionDays, retentionProblem } from '../temporal/namespace-retention.js';
import { ATTRIBUTE_TYPES, type SearchAttributeCheck } from '../temporal/namespace-search-attributes.js';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../contract/search-attributes.js';
import type { Access, Explain } from './client-access.js';
import { CommandFailedError, noNamespace } from './errors.js';
import { printJson, printLine, printNote } from './printer.js';
import { isOutOfAttributes } from './temporal-texts.js';
import type { Terminal } from './terminal.js';

interface SetupOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function setupCommand(terminal: Terminal): Command {
  return new Command('setup')
    .description('register the search attributes of deliveries in the namespace, and check its retention')
    .option('--dry-run', 'only show what is missing; exits with 1 if anything is')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Repeating the command is harmless. Deliveries run without search attributes
too, but then they cannot be listed by status, agent, campaign or recipient.
On Temporal Cloud this command cannot register them: it prints the tcld
command that can.

A note on stderr says if the namespace keeps closed deliveries for less than
8 days: starting a message twice is harmless only as long as they are kept.

Examples:
  rcs-delivery setup
  TEMPORAL_NAMESPACE=staging rcs-delivery setup --dry-run --json`,
    )
    .action(async (options: SetupOptions) => {
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, (access) => setUp(access, options));
    });
}

/** Registers what is missing, then waits until Temporal accepts it in a query. */
async function setUp(access: Access, { dryRun = false, json = false }: SetupOptions): Promise<void> {
  const { terminal } = access;
  const { namespace } = access.config.temporal;
  const before = await check(access);
  const days = await noteShortRetention(access);
  const show = (line: string) => {
    if (!json) printLine(terminal, line);
  };
  for (const name of before.present) show(`  present  ${name} (${SEARCH_ATTRIBUTES[name]})`);
  for (const name of before.missing) show(`  ${dryRun ? 'missing' : 'adding '}  ${name} (${SEARCH_ATTRIBUTES[name]})`);
  const added = dryRun ? [] : before.missing;
  if (added.length > 0) await add(access, added);
  const usable = added.length === 0 || (await untilUsable(access, added, show));
  const missing = dryRun ? before.missing : [];
  const result = { namespace, present: before.present, added, missing, usable, retentionDays: days ?? null };
  if (json) printJson(terminal, result);
  if (missing.length > 0) throw new CommandFailedError(`namespace ${namespace} lacks ${missing.join(', ')}`);
  show(usable ? `namespace ${namespace} is ready` : 'registered; Temporal may need another minute to accept them all');
}

/** Throws when a search attribute of another type has a name that deliveries use. */
async function check(access: Access): Promise<SearchAttributeCheck> {
  const { namespace } = access.config.temporal;
  const found = await access.call(access.searchAttributes, explainFor(access));
  if (found.conflicting.length === 0) return found;
  const lines = found.conflicting.map(({ name, type, wanted }) => `  ${name} is ${type}, and must be ${wanted}`);
  throw new CommandFailedError(
    `namespace ${namespace} has search attributes with these names, but of another type:\n${lines.join('\n')}\n` +
      'None was added for them. Deliveries run without them. If nobody else uses them, remove them with\n' +
      `  temporal operator search-attribute remove --namespace ${namespace} --name …\n` +
      'and run setup again. Otherwise use another namespace.',
  );
}

/** Returns the retention in days. Undefined if this client can't read it: the attributes don't depend on it. */
async function noteShortRetention({ terminal, connection, config }: Access): Promise<number | undefined> {
  const { namespace } = config.temporal;
  const days = await retentionDays({ connection, namespace }).catch(() => undefined);
  const unknown = `the retention of namespace ${namespace} could not be read: it must be at least 8 days`;
  const problem = days === undefined ? unknown : retentionProblem(namespace, days);
  if (problem !== undefined) printNote(terminal, `note: ${problem}`);
  return days;
}

async function add(access: Access, names: readonly SearchAttributeName[]): Promise<void> {
  const { connection, config, call } = access;
  const { namespace } = config.temporal;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, ATTRIBUTE_TYPES[SEARCH_ATTRIBUTES[name]]]));
  try {
    const register = () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    await call(register, explainFor(access));
  } catch (error) {
    // Another setup may have been quicker: what counts is what is registered now.
    const now = await access.searchAttributes().catch(() => undefined);
    if (now === undefined || now.missing.length > 0) throw error;
  }
  // Some servers answer OK although a registered name keeps its old type.
  await check(access);
}

/** Temporal's services reread the attributes once a minute. */
const USABLE_WITHIN_MS = 75_000;

/** Each of Temporal's services has a cache, so a registered attribute is not known everywhere at once. */
async function untilUsable(
  { client }: Access,
  names: readonly SearchAttributeName[],
  show: (line: string) => void,
): Promise<boolean> {
  const query = `WorkflowId = 'none' AND (${names.map((name) => `${name} IS NULL`).join(' OR ')})`;
  const end = Date.now() + USABLE_WITHIN_MS;
  for (let attempt = 1; Date.now() < end; attempt += 1) {
    const known = await client.workflow.count(query).then(
      () => true,
      () => false,
    );
    if (known) return true;
    if (attempt === 3) show('registered; waiting up to a minute until Temporal accepts them');
    await delay(1_000);
  }
  return false;
}

function explainFor({ config }: Access): Explain {
  const { address, namespace } = config.temporal;
  return ({ status, details }) => {
    if (status === 'NOT_FOUND') return noNamespace(config.temporal);
    if (status === 'PERMISSION_DENIED' || status === 'UNIMPLEMENTED') return notAllowed(address, namespace);
    if (status !== 'INVALID_ARGUMENT' || !isOutOfAttributes(details)) return undefined;
    return new CommandFailedError(
      `namespace ${namespace} has no room for more search attributes of a type, so none was added. ` +
        'SQL databases have room for 10 keywords and 3 datetimes. ' +
        'Remove those that nobody uses, or use another namespace.',
    );
  };
}

const CLOUD_TYPES = { KEYWORD: 'Keyword', DATETIME: 'Datetime', BOOL: 'Bool' } as const;

function notAllowed(address: string, namespace: string): CommandFailedError {
  const flags = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => {
    return `--search-attribute ${name}=${CLOUD_TYPES[type]}`;
  });
  return new CommandFailedError(
    `Temporal at ${address} does not let this client read or add search attributes.\n` +
      'Self-hosted: use credentials that may administer the namespace. Temporal Cloud: register them with\n' +
      `  tcld namespace search-attributes add --namespace ${namespace} \\\n    ${flags.join(' \\\n    ')}\n` +
      "or in the namespace's settings in the Web UI.",
  );
}
