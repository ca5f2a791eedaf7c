import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientVariables } from '../../src/config/client-config.js';
import { codecServerVariables } from '../../src/config/codec-server-config.js';
import { digestOfSecret, isPublishedSecret } from '../../src/config/published-secrets.js';
import { weaknessOf } from '../../src/config/secret-strength.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { textOf, type SecretKind } from '../../src/config/variable.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';

const ROOT = join(import.meta.dirname, '../..');
const PUBLISHED_IN = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'docker-compose.yml',
  'Dockerfile',
  'docs',
  'deploy',
];
const TEXT = /\.(?:md|ya?ml|env|json|jsonl|sh|ts|py|go|java|txt|toml)$|^(?:Dockerfile|\.env[\w.]*)$/;
const LOCK = /(?:package-lock\.json|go\.sum)$/;

/** Secret variables and what they hold. */
const KINDS = new Map<string, SecretKind>(
  [workerVariables, webhookVariables, clientVariables, codecServerVariables, temporalVariables].flatMap((schema) =>
    Object.keys(schema.shape).flatMap((name) => {
      const secret = textOf(schema, name)?.secret;
      return secret === undefined ? [] : [[name, secret] as const];
    }),
  ),
);

interface Found {
  readonly file: string;
  readonly kind: SecretKind;
  readonly value: string;
}

const files = [...PUBLISHED_IN, 'examples', 'dev', 'bench', 'test'].flatMap((place) => filesIn(place));

function filesIn(place: string): readonly string[] {
  if (TEXT.test(place)) return [place];
  return readdirSync(join(ROOT, place), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name) && !LOCK.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/node_modules|\.venv|\/target\/|\/histories(?:-of-a-server)?\//.test(file))
    .map((file) => file.slice(ROOT.length + 1));
}

/** What cannot be a value: an expression, a mark for the reader to replace, a sentence, or the name of a variable. */
const NO_VALUE = /[$(){}<>…]|(?<!,)\s|^[A-Z_]*$/;
/** Words such as `current`, in the tests of what is accepted. Nobody copies one. */
const isWordOfTest = (file: string, value: string) => /^test\/(?:config|cli)\//.test(file) && value.length < 16;

/** `NAME=value`, `NAME: value`, `NAME: 'value'`. Code needs quotes, where a word is a name. */
function assigned(file: string, text: string): readonly Found[] {
  const isCode = /\.(?:ts|py|go|java)$/.test(file);
  const pattern = isCode
    ? /\b([A-Z][A-Z0-9_]+)['"]?\]?\s*[:=,]\s*(['"`])([^'"`\n]*)\2/g
    : /\b([A-Z][A-Z0-9_]+)['"]?\s*[:=]\s*(['"]?)([^\s'"`;|]*)\2/g;
  return [...text.matchAll(pattern)].flatMap(([, name = '', , value = '']) => {
    const kind = KINDS.get(name);
    return kind === undefined || NO_VALUE.test(value) || isWordOfTest(file, value) ? [] : [{ file, kind, value }];
  });
}

/** Secrets that their own form gives away, wherever they stand. */
function shaped(file: string, text: string): readonly Found[] {
  const secrets = [...text.matchAll(/whsec_[A-Za-z0-9+/]{8,}={0,2}/g)].map(([value]) => value);
  const keys = [...text.matchAll(/\b[A-Za-z0-9._-]{1,64}:[A-Za-z0-9+/]{43}=/g)].map(([value]) => value);
  const hashKeys = [...text.matchAll(/['"]([0-9a-fA-F]{64,}|[A-Za-z0-9+/_-]{43}=?)['"]/g)].flatMap(([, value = '']) =>
    NO_VALUE.test(value) ? [] : [value],
  );
  const fields = /\b(?:clientToken|smsToken|authToken|secret): '([^']+)'/g;
  const ofSimulator = file.includes('simulator') ? [...text.matchAll(fields)].map(([, value = '']) => value) : [];
  return [
    ...secrets.map((value) => ({ file, kind: 'webhookSecret' as const, value })),
    ...keys.map((value) => ({ file, kind: 'encryptionKey' as const, value })),
    ...hashKeys.map((value) => ({ file, kind: 'hashKey' as const, value })),
    ...ofSimulator.map((value) => ({ file, kind: 'given' as const, value })),
  ];
}

const found = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...assigned(file, text), ...shaped(file, text)];
});

test('production refuses every secret that the repository shows', () => {
  expect(files.length).toBeGreaterThan(100);
  const usable = found.filter(({ kind, value }) => weaknessOf(kind, value) === undefined);
  // To add one, put the printed digest into src/config/published-secrets.ts.
  expect(usable.map(({ value, ...rest }) => ({ ...rest, value, digest: digestOfSecret(value) }))).toEqual([]);
});

test('the search finds secrets in every way they are written', () => {
  const value = 'aR3al-l00king-token-1234';
  const written = [
    ['x.env', `RBM_WEBHOOK_CLIENT_TOKEN=${value}`],
    ['x.md', `run \`SMS_HTTP_TOKEN=${value} npx x\``],
    ['x.yml', `  TWILIO_AUTH_TOKEN: '${value}'`],
    ['x.ts', `const env = { CODEC_SERVER_TOKENS: '${value}' };`],
    ['x.py', `os.environ["TEMPORAL_API_KEY"] = "${value}"`],
    ['simulator.ts', `{ clientToken: '${value}' }`],
    ['test/config/x.ts', `const env = { SMS_HTTP_TOKEN: '${value}' };`],
  ] as const;
  for (const [file, text] of written)
    expect([...assigned(file, text), ...shaped(file, text)].map((one) => one.value)).toEqual([value]);
  for (const key of [randomBytes(32).toString('hex'), randomBytes(32).toString('base64')])
    expect(shaped('test/x.ts', `const HASH_KEY = '${key}';`)).toMatchObject([{ kind: 'hashKey', value: key }]);
});

test('a published secret is found in each of its forms', () => {
  const hashKey = 'c2ltdWxhdGVkLXJlY2lwaWVudC1oYXNoLWtleS0wMTIz';
  for (const form of [hashKey, ` ${hashKey}\n`, `2026-11:${hashKey}`, `whsec_${hashKey}==`])
    expect(isPublishedSecret(form)).toBe(true);
  expect(isPublishedSecret(`${hashKey}x`)).toBe(false);
});
