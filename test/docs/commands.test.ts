import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../dev/stack/delivery-stack.js';
import { durationToMs } from '../../src/contract/duration.js';
import { createDeliveryClient } from '../../src/index.js';
import { PAGES, programOf, shellBlocks, textOf } from './pages.js';
import { writeProgram } from './program-here.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { writeTemporal } from '../support/temporal-program.js';

/** Blocks that are not run here, by how they begin, and where they are run instead or why they cannot be. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': 'test/dev/demo.test.ts runs the demo; .ci/run runs npm ci',
  'npm ci && npm test': '.ci/run',
  'export TEMPORAL_ADDRESS': 'what the demo prints, of another server',
  'npx rcs-delivery worker ': 'test/cli/roles.test.ts and every test with a stack',
  'rcs-delivery worker ': 'test/cli/roles.test.ts and every test with a stack',
  'npm install rcs-message-delivery': 'test/package installs the packed tarball',
  'TEMPORAL_CODEC_ENDPOINT=': 'test/deploy/compose.test.ts reads what compose makes of it; an engine is not asked for',
  'export RECIPIENT_HASH_KEY': 'this test has a key of its own',
  'export PAYLOAD_ENCRYPTION_KEYS': 'test/e2e/encryption.test.ts has keys of its own',
  'NOTIFY_ALLOWED_HOSTS=': 'test/dev/demo.test.ts runs the demo, test/e2e/notify.test.ts a worker with these variables',
  'temporal server start-dev --ui-codec-endpoint':
    'a second server; test/e2e/encryption.test.ts asks the codec server itself',
  'temporal workflow show': 'test/e2e/encryption.test.ts',
  'temporal worker deployment': 'test/deploy/versions.test.ts',
  'temporal workflow update-options': 'test/deploy/versions.test.ts',
  'temporal workflow reset with-workflow-update-options': 'test/deploy/versions.test.ts',
  'rcs-delivery check-gateway --to +15550100001 --yes --receipts-port': 'test/cli/check-gateway.test.ts',
  CODEC_SERVER_ALLOW_ANONYMOUS: 'test/cli/codec-server.test.ts and test/e2e/encryption.test.ts',
};

/**
 * Stands for npx in the blocks, because npx itself costs more than the commands that it starts. It starts `rcs-delivery`
 * (see ./program-here.ts) and passes everything else to the real npx, which is in a later folder of PATH.
 */
const NPX = `#!/bin/sh
[ "$1" = rcs-delivery ] && shift && exec rcs-delivery "$@"
PATH="\${PATH#*:}"
exec npx "$@"
`;
/**
 * The page whose blocks use the real npx, which starts the real program. One block passes JSON in several lines, which
 * npx's own shell must not change.
 */
const REAL_NPX = 'docs/notify.md';

/** The deliveries that a page mentions. They are started before its commands, to a phone that is offline. */
const SCENES: Readonly<Record<string, readonly (readonly [agentId: string, messageId: string])[]>> = {
  'README.md': [['acme-agent', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21']],
  'docs/cli.md': ['21', '22'].map((end) => ['acme', `0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c${end}`]),
  'docs/operations.md': ['01', '02', '03', '04'].map((end) => [
    'acme-agent',
    `6c2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c${end}`,
  ]),
  'docs/notify.md': [['acme-agent', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21']],
  'docs/resetting.md': [['acme-agent', '6c2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c31']],
};

async function startDeliveriesOf(page: string): Promise<void> {
  const deliveries = createDeliveryClient({
    client: stack.client,
    searchAttributes: { recipientHashKey: RECIPIENT_HASH_KEY },
  });
  for (const [agentId, messageId] of SCENES[page] ?? []) {
    const message = { recipient: '+15550100003', contentMessage: { text: 'Spring sale' }, campaignId: 'spring' };
    await deliveries.start({ agentId, messageId, ...message, ttl: '600s', fallback: { sms: { text: 'Spring sale' } } });
  }
}

const { PATH = '', HOME, TMPDIR } = process.env;
const cleanups = new Cleanups();
const RECIPIENT_HASH_KEY = randomBytes(32).toString('base64');
const MESSAGE_ID_SECRET = randomBytes(32).toString('base64');
let stack: DeliveryStack;
/** Contains the programs that the blocks start, and in the folder `here` those that stand for `npx` and `rcs-delivery`. */
let bin: string;

beforeAll(async () => {
  quietTemporal(); // `rcs-delivery replay` runs in this process, and would set Temporal's logs its own way.
  // A server of its own, because the README's program uses the namespace `default`.
  const env = { ...process.env, TEMPORAL_ADDRESS: '' };
  stack = await startDeliveryStack({
    cleanups,
    inherited: { PATH, HOME, TMPDIR },
    temporal: { env },
    simulator: { phones: { '+15550100003': { rcs: 'offline' }, '+15550100007': { rcs: 'offline' } } },
  });
  bin = cleanups.add(await mkdtemp(join(tmpdir(), 'rcs-docs-')), (dir) => rm(dir, { recursive: true }));
  await writeTemporal(bin);
  const here = join(bin, 'here');
  await mkdir(here);
  await writeFile(join(here, 'npx'), NPX, { mode: 0o755 });
  cleanups.add(await writeProgram(here), (program) => program.stop());
});
afterAll(() => cleanups.run());

const run = promisify(execFile);
/** Replaces a page's example date by one in the future, as its reader does. */
const inFuture = (block: string) =>
  block.replaceAll('2026-12-01T12:00:00Z', new Date(Date.now() + 86_400_000).toISOString());
const environment = (page: string) => ({
  ...{
    HOME,
    ...stack.env,
    RECIPIENT_HASH_KEY,
    MESSAGE_ID_SECRET,
    SIMULATOR: stack.simulator.url,
    WEBHOOK: stack.webhookUrl,
  },
  PATH: [...(page === REAL_NPX ? [] : [join(bin, 'here')]), bin, PATH].join(delimiter),
});
// Node gives bash a socket as standard input, which makes it read the machine's bashrc as for a remote login. Hence --norc.
const bash = (page: string, block: string) =>
  run('bash', ['--norc', '-euo', 'pipefail', '-c', inFuture(block)], { env: environment(page), timeout: 60_000 }).catch(
    (error: unknown) => {
      const { stdout = '' } = error as { stdout?: string };
      throw new Error(`printed before it failed: ${stdout}`, { cause: error });
    },
  );

const elsewhere = (block: string) => Object.keys(ELSEWHERE).find((start) => block.startsWith(start));
const pages = PAGES.map((page) => ({ page, blocks: shellBlocks(page).filter((block) => !elsewhere(block)) }));

describe.each(pages.filter(({ blocks }) => blocks.length > 0))('$page', ({ page, blocks }) => {
  beforeAll(async () => {
    await startDeliveriesOf(page);
  });

  test.each(blocks)('%s', async (block) => {
    await bash(page, block);
  });
});

test.each(['README.md', 'docs/sending.md'])('the TypeScript of %s runs unchanged', async (page) => {
  // test/package checks its types.
  const { outputText } = ts.transpileModule(programOf(page), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', outputText], {
    env: environment(page),
    timeout: 60_000,
  });
  expect(stderr).toBe('');
});

test('docs/sending.md: a ttl given as a number equals the duration beside it', async () => {
  const [, number = '', duration = ''] =
    /`ttlSeconds: ([\d.]+)` is `ttl: '([^']+)'`/.exec(textOf('docs/sending.md')) ?? [];
  const deliveries = createDeliveryClient({ client: stack.client });
  const { expireTime } = await (
    await deliveries.start({
      ...{ agentId: 'acme-agent', messageId: randomUUID(), recipient: '+15550100003' },
      ...{ contentMessage: { text: 'Hello' }, ttlSeconds: Number(number) },
    })
  ).status();
  const left = Date.parse(expireTime) - Date.now();
  expect(left).toBeLessThanOrEqual(durationToMs(duration));
  expect(left).toBeGreaterThan(durationToMs(duration) - 60_000);
});

test('docs/quick-start.md: its offer ends in UNCERTAIN', async () => {
  const [, agentId = '', messageId = ''] =
    /"agentId": "(\S+)", "messageId": "(\S+)"/.exec(textOf('docs/quick-start.md')) ?? [];
  const delivery = createDeliveryClient({ client: stack.client }).handle({ agentId, messageId });
  expect((await delivery.outcome()).outcome).toBe('UNCERTAIN');
});

test('docs/personal-data.md: a delivery is erased', async () => {
  const page = 'docs/personal-data.md';
  const [, cancel = '', erase = ''] = shellBlocks(page);
  const [recipient = ''] = /\+1\d{10}/.exec(cancel) ?? [];
  const deliveries = createDeliveryClient({
    client: stack.client,
    searchAttributes: { recipientHashKey: RECIPIENT_HASH_KEY },
  });
  const message = { agentId: 'acme-agent', messageId: randomUUID(), contentMessage: { text: 'Hello' }, ttl: '600s' };
  const delivery = await deliveries.start({ ...message, recipient });
  // The index is behind, so a command may find nothing at first, as its reader would see in the list.
  await expect
    .poll(async () => {
      await bash(page, cancel);
      return (await stack.client.workflow.getHandle(delivery.workflowId).describe()).status.name;
    })
    .toBe('COMPLETED');
  expect((await delivery.outcome()).outcome).toBe('CANCELLED');
  await expect
    .poll(async () => {
      await bash(page, erase);
      return stack.client.workflow
        .getHandle(delivery.workflowId)
        .describe()
        .then(() => 'there', nameOf);
    })
    .toBe('WorkflowNotFoundError');
});

const nameOf = (error: unknown) => (error as Error).name;

test('every block that is not run here still exists', () => {
  const all = PAGES.flatMap(shellBlocks);
  expect(Object.keys(ELSEWHERE).filter((start) => !all.some((block) => block.startsWith(start)))).toEqual([]);
});

test('one block uses the real npx', () => {
  const { blocks = [] } = pages.find(({ page }) => page === REAL_NPX) ?? {};
  expect(blocks).toContainEqual(expect.stringMatching(/^npx rcs-delivery .*\{[^}]*\n/));
});

describe('docs/operations.md', () => {
  const views = [...textOf('docs/operations.md').matchAll(/^\| \[([^\]]+)\]\((\S+)\)\s*\| `([^`]+)`/gm)];

  test('lists the views of the Web UI', () => {
    expect(views.length).toBeGreaterThan(5);
  });

  test.each(views.map(([, title = '', link = '', query = '']) => ({ title, link, query })))(
    'the view "$title": Temporal accepts its query, and the link contains it',
    async ({ link, query }) => {
      expect(new URL(link).searchParams.get('query')).toBe(query);
      await expect(stack.client.workflow.count(query)).resolves.toBeDefined();
    },
  );
});
