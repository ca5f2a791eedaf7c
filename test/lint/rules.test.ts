import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const linter = new Linter();
/** The project's own rules as eslint.config.js sets them. They need no types, so a file need not exist. */
const ownRules = await readOwnRules();

async function readOwnRules(): Promise<Linter.Config> {
  const config = (await new ESLint().calculateConfigForFile('src/domain/plan.ts')) as Linter.Config;
  const rules = Object.entries(config.rules ?? {}).filter(([name]) => name.startsWith('project/'));
  return {
    files: ['**/*.{ts,js}'],
    plugins: config.plugins ?? {},
    languageOptions: { parser: tseslint.parser },
    rules: Object.fromEntries(rules),
  };
}

function problemsIn(filePath: string, text: string): string[] {
  return linter.verify(text, [ownRules], filePath).map(({ message }) => message);
}

describe('imports: each folder refuses what the table does not name', () => {
  test.each([
    ['src/contract/ids.ts', 'node:crypto'],
    ['src/contract/schema/input.ts', '../../domain/plan.js'],
    ['src/domain/decide.ts', '@temporalio/common'],
    ['src/domain/decide.ts', '../workflows/journal.js'],
    ['src/workflows/loop.ts', '@temporalio/client'],
    ['src/workflows/loop.ts', 'node:timers'],
    ['src/activities/send.ts', '../domain/plan.js'],
    ['src/http/exchange.ts', '../contract/ids.js'],
    ['src/notify/notifier.ts', '@temporalio/common'],
    ['src/rbm/rbm-client.ts', '@temporalio/activity'],
    ['src/sms/http-provider.ts', '../config/sms-config.js'],
    ['src/index.ts', './worker/index.js'],
    ['src/client/delivery-client.ts', '@temporalio/worker'],
    ['src/client/delivery-client.ts', '../temporal/worker-connection.js'],
    ['src/temporal/temporal-call.ts', '@temporalio/worker'],
    ['src/temporal/worker-connection.ts', '../worker/create-worker.js'],
    ['src/encryption/payload-codec.ts', '../contract/ids.js'],
    ['src/config/worker-config.ts', 'commander'],
    ['src/config/variable.ts', '../sms/registry.js'],
    ['src/observability/logger.ts', '../config/tracing-config.js'],
    ['src/observability/temporal-logger.ts', '../worker/create-worker.js'],
    ['src/codec-server/decode.ts', '../contract/ids.js'],
    ['src/webhook/build-server.ts', '@temporalio/worker'],
    ['src/webhook/build-server.ts', '../domain/evidence.js'],
    ['src/worker/create-worker.ts', '../cli/output.js'],
    ['src/roles/worker.ts', '../cli/output.js'],
    ['src/cli/main.ts', '../worker/create-worker.js'],
    ['src/cli/main.ts', '../../dev/demo/main.js'],
    ['dev/build/build.ts', '../demo/main.js'],
    ['dev/demo/main.ts', '../../src/webhook/index.js'],
    ['dev/lint/rule.js', 'typescript'],
    ['dev/simulator/simulator.ts', '../../src/contract/ids.js'],
    ['dev/stack/role.ts', '../demo/main.js'],
    ['dev/temporal/dev-server.ts', '../stack/role.js'],
    ['examples/connect/encryption.ts', '../../src/index.js'],
    ['test/domain/decide.test.ts', '../../bench/start.js'],
    ['vitest.config.ts', './dev/lint/rule.js'],
  ])('%s refuses %s', (file, source) => {
    expect(problemsIn(file, `import { it } from '${source}';\nit();\n`)).toEqual([
      expect.stringMatching(/^(src|dev|examples|test|vitest)\S* may not import \S+ It may import: \S/),
    ]);
  });

  test.each([
    ['a dynamic import', "await import('../workflows/index.js');"],
    ['a re-export', "export { it } from '../workflows/index.js';"],
    ['a re-export of everything', "export * from '../workflows/index.js';"],
    ['an import for its effect', "import '../workflows/index.js';"],
    ['a type', "import type { It } from '../workflows/index.js';\nexport type Mine = It;"],
    ['an import in a type', "export type Mine = import('../workflows/index.js').It;"],
  ])('%s counts too', (_what, text) => {
    expect(problemsIn('src/domain/plan.ts', `${text}\n`)).toEqual([
      'src/domain may not import ../workflows/index.js. It may import: src/contract.',
    ]);
  });

  test('where the table says types, values are refused and types are not', () => {
    const file = 'src/workflows/loop.ts';
    const source = '../activities/message-activities.js';
    expect(problemsIn(file, `import { it } from '${source}';\nit();\n`)).toHaveLength(1);
    expect(problemsIn(file, `import type { It } from '${source}';\nexport type Mine = It;\n`)).toEqual([]);
  });

  test('a folder without a line in the table is reported', () => {
    expect(problemsIn('src/brand-new/thing.ts', 'export const it = 1;\n')).toEqual([
      expect.stringContaining('src/brand-new/thing.ts is in no folder of the table'),
    ]);
  });
});

describe('comments', () => {
  const words = (count: number) => Array.from({ length: count }, () => 'Words.');

  test.each([
    ['a doc comment', (lines: string[]) => `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */`],
    ['line comments that follow each other', (lines: string[]) => lines.map((line) => `// ${line}`).join('\n')],
  ])('%s may have six lines of text, not seven', (_what, comment) => {
    const problems = (count: number) =>
      problemsIn('src/domain/plan.ts', `${comment(words(count))}\nexport const it = 1;\n`);
    expect(problems(6)).toEqual([]);
    expect(problems(7)).toEqual([expect.stringContaining('7 lines of text; the most is 6')]);
  });

  test('a line with a comment may have 125 characters, not 126', () => {
    const problems = (length: number) => problemsIn('src/domain/plan.ts', `// ${'x'.repeat(length - 3)}\n`);
    expect(problems(125)).toEqual([]);
    expect(problems(126)).toEqual([expect.stringContaining('126 characters; the most is 125')]);
  });
});
