import type { SecretKind } from './variable.js';
import { isPublishedSecret } from './published-secrets.js';

const SHORTEST_BYTES = 24;
const KEY_BYTES = 32;
/** Random bytes and texts of these lengths have far more. Fewer mean a placeholder such as `xxxx…`. */
const FEWEST_DIFFERENT = 8;
/** Of a token that another company gave and whose length is not ours to choose. */
const FEWEST_DIFFERENT_GIVEN = 6;

/** Words only, such as `your-api-key`. A secret that begins with `test_` or `secret_` and goes on at random is none. */
const PLACEHOLDER =
  /^(?:change|your|my|test|example|dummy|default|placeholder|password|secret|token|todo|replace)[-_. ]?(?:[a-z]+[-_. ])*[a-z]*$/i;

/** A rule for one kind of secret, and what to do if a secret does not keep it. */
interface Rule {
  readonly isStrong: (secret: string) => boolean;
  /** The `must be …` of the error. */
  readonly must: string;
  /** How to get another secret. */
  readonly wayOut: string;
}

const GIVEN: Rule = {
  isStrong: isUsableAsGiven,
  must: 'must not be a placeholder',
  wayOut: 'use the one of your own account',
};

const RULES: Readonly<Record<SecretKind, Rule>> = {
  token: {
    isStrong: (secret) => Buffer.byteLength(secret) >= SHORTEST_BYTES && isVaried(secret),
    must: `must be random tokens of at least ${String(SHORTEST_BYTES)} characters`,
    wayOut: '`openssl rand -hex 32` makes one',
  },
  clientToken: {
    isStrong: isUsableAsGiven,
    must: 'must not be a placeholder',
    wayOut: "set another token in Google's console and here",
  },
  smsToken: GIVEN,
  given: GIVEN,
  webhookSecret: {
    isStrong: (secret) => isRandom(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'), SHORTEST_BYTES),
    must: `must be random secrets of at least ${String(SHORTEST_BYTES)} bytes`,
    wayOut: 'whsec_ and `openssl rand -base64 32`',
  },
  hashKey: {
    isStrong: isStrongHashKey,
    must: `must be a random key of at least ${String(KEY_BYTES)} bytes in base64 or hex`,
    wayOut: '`openssl rand -base64 32` makes one',
  },
  encryptionKey: {
    isStrong: (entry) => isRandom(Buffer.from(entry.slice(entry.indexOf(':') + 1), 'base64'), KEY_BYTES),
    must: 'must hold random keys',
    wayOut: '`openssl rand -base64 32` makes one',
  },
};

/** What is wrong with the secrets in this text, for production: `must …`. Undefined: nothing. Repeats no secret. */
export function weaknessOf(kind: SecretKind, given: string): string | undefined {
  const { isStrong, must, wayOut } = RULES[kind];
  const secrets = secretsIn(kind, given);
  if (secrets.some(isPublishedSecret)) {
    return `is published in the repository of this project: ${wayOut} (a simulator can run with NODE_ENV=development)`;
  }
  return secrets.every(isStrong) ? undefined : `${must} with NODE_ENV=production (${wayOut})`;
}

/** What somebody can do who guesses a token that another company gave. */
const GUESSED: Partial<Record<SecretKind, string>> = {
  clientToken: 'forge events (docs/webhook-setup.md)',
  smsToken: 'send SMS at your cost (docs/hardening.md)',
};

/** A warning about a token that is shorter than a random one should be. Its issuer may have given it like that. */
export function shortnessOf(kind: SecretKind, variable: string, given: string): string | undefined {
  const guessed = GUESSED[kind];
  const isShort = guessed !== undefined && secretsIn(kind, given).some(({ length }) => length < SHORTEST_BYTES);
  if (!isShort) return undefined;
  return `${variable} holds a token of fewer than ${String(SHORTEST_BYTES)} characters: whoever guesses it can ${guessed}`;
}

/** What may stand before a secret: a host that gets signed notifications, a caller of the codec server, or `Bearer`. */
const NAMES: Partial<Record<SecretKind, RegExp>> = {
  webhookSecret: /^[^=]*=(?=whsec_)/,
  token: /^[A-Za-z][\w.-]{0,31}=/,
  smsToken: /^Bearer\s+/i,
};

const secretsIn = (kind: SecretKind, given: string): readonly string[] =>
  given
    .split(/[,\n]/)
    .map((secret) => secret.trim().replace(NAMES[kind] ?? '', ''))
    .filter((secret) => secret !== '');

const isVaried = (secret: string): boolean => new Set(secret).size >= FEWEST_DIFFERENT;

function isRandom(bytes: Buffer, least: number): boolean {
  return bytes.length >= least && new Set(bytes).size >= FEWEST_DIFFERENT;
}

function isUsableAsGiven(secret: string): boolean {
  return new Set(secret).size >= FEWEST_DIFFERENT_GIVEN && !PLACEHOLDER.test(secret);
}

/** Whether a key looks like at least 32 random bytes in base64, base64url or hex. */
function isStrongHashKey(key: string): boolean {
  if (!/^[\w+/-]+={0,2}$/.test(key) || !isVaried(key)) return false;
  const bytes = /^[0-9a-f]+$/i.test(key) ? key.length / 2 : Buffer.from(key, 'base64').length;
  return bytes >= KEY_BYTES;
}
