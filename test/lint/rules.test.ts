import { beforeAll, describe, expect, test } from 'vitest';
import { lint, type Problem } from './linter.js';

const written = new Map<string, string>();
let found: readonly Problem[];
/** Runs once, over the lines of all tests. */
beforeAll(async () => {
  found = await lint(Object.fromEntries(written));
});

/** Adds lines to a file. The function that it returns tells the problems in them, once the linter has run. */
function problemsIn(file: string, lines: string, ofRule = 'project'): () => string[] {
  const before = written.get(file) ?? '';
  written.set(file, `${before}${lines}\n`);
  const first = before.split('\n').length;
  const last = first + lines.split('\n').length - 1;
  return () =>
    found
      .filter((problem) => problem.file === file && problem.line >= first && problem.line <= last)
      .filter(({ rule }) => rule.startsWith(ofRule))
      .map(({ message }) => message);
}

describe('imports: each folder refuses what the table does not name', () => {
  const refused = [
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
    ['src/gateway-check/gateway.ts', '../temporal/temporal-call.js'],
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
    ['src/cli/main.ts', '../workflows/index.js'],
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
  ].map(([file = '', source = ''], index) => {
    const name = `it${String(index)}`;
    return { file, source, problems: problemsIn(file, `import { ${name} } from '${source}'; ${name}();`) };
  });
  test.each(refused)('$file refuses $source', ({ problems }) => {
    expect(problems()).toEqual([
      expect.stringMatching(/^(src|dev|examples|test|vitest)\S* may not import \S+ It may import: \S/),
    ]);
  });

  const forms = [
    ['a dynamic import', "await import('../workflows/index.js');"],
    ['a re-export', "export { it } from '../workflows/index.js';"],
    ['a re-export of everything', "export * from '../workflows/index.js';"],
    ['an import for its effect', "import '../workflows/index.js';"],
    ['a type', "import type { It } from '../workflows/index.js';\nexport type Mine = It;"],
    ['an import in a type', "export type Its = import('../workflows/index.js').It;"],
  ].map(([form = '', lines = '']) => ({ form, problems: problemsIn('src/domain/plan.ts', lines) }));
  test.each(forms)('$form counts too', ({ problems }) => {
    expect(problems()).toEqual(['src/domain may not import ../workflows/index.js. It may import: src/contract.']);
  });

  const source = '../activities/message-activities.js';
  const value = problemsIn('src/workflows/values.ts', `import { it } from '${source}';\nit();`);
  const type = problemsIn('src/workflows/types.ts', `import type { It } from '${source}';\nexport type Mine = It;`);
  test('where the table says types, values are refused and types are not', () => {
    expect(value()).toHaveLength(1);
    expect(type()).toEqual([]);
  });

  const elsewhere = problemsIn('src/brand-new/thing.ts', 'export const it = 1;');
  test('a folder without a line in the table is reported', () => {
    expect(elsewhere()).toEqual([
      expect.stringContaining('src/brand-new/thing.ts is in no folder of dev/lint/may-import.js'),
    ]);
  });
});

describe('comments', () => {
  const comment = (file: string, text: string) => problemsIn(`src/domain/${file}.ts`, `${text}\nexport const it = 1;`);
  const words = (count: number) => Array.from({ length: count }, () => 'Words.');
  const doc = (count: number) =>
    `/**\n${words(count)
      .map((line) => ` * ${line}`)
      .join('\n')}\n */`;
  const lines = (count: number) =>
    words(count)
      .map((line) => `// ${line}`)
      .join('\n');
  const sizes = [
    { what: 'a doc comment', six: comment('doc-6', doc(6)), seven: comment('doc-7', doc(7)) },
    {
      what: 'line comments that follow each other',
      six: comment('lines-6', lines(6)),
      seven: comment('lines-7', lines(7)),
    },
  ];
  test.each(sizes)('$what may have six lines of text, not seven', ({ six, seven }) => {
    expect(six()).toEqual([]);
    expect(seven()).toEqual([expect.stringContaining('7 lines of text; the most is 6')]);
  });

  const long = (length: number) => comment(`long-${String(length)}`, `// ${'x'.repeat(length - 3)}`);
  const longest = long(125);
  const tooLong = long(126);
  test('a line with a comment may have 125 characters, not 126', () => {
    expect(longest()).toEqual([]);
    expect(tooLong()).toEqual([expect.stringContaining('126 characters; the most is 125')]);
  });
});

describe('rules of the linter', () => {
  const cases = [
    ['import(no-default-export)', 'src/domain/default.ts', 'export default 1;'],
    ['eslint(no-restricted-properties)', 'src/domain/environment.ts', 'export const it = process.env;'],
    ['typescript(no-floating-promises)', 'src/domain/floating.ts', 'Promise.resolve(1);'],
    ['typescript(no-misused-promises)', 'test/misused.ts', '[1].forEach(async (it) => Promise.resolve(it));'],
    ['typescript(no-unnecessary-condition)', 'dev/demo/sure.ts', 'export const it = (one: string) => one ?? "";'],
    ['typescript(no-unsafe-return)', 'src/rbm/unsafe.ts', 'export const it = () => JSON.parse("1");'],
    [
      'typescript(switch-exhaustiveness-check)',
      'src/sms/switch.ts',
      'export const it = (one: "a" | "b") => { switch (one) { case "a": return 1; } return 2; };',
    ],
  ].map(([rule = '', file = '', lines = '']) => ({ rule, file, problems: problemsIn(file, lines, rule) }));
  test.each(cases)('$rule is in force in $file', ({ problems }) => {
    expect(problems()).toHaveLength(1);
  });

  const reader = problemsIn('src/config/reader.ts', 'export const it = process.env;', '');
  test('src/config may read the environment', () => {
    expect(reader()).toEqual([]);
  });
});
