import { basename } from 'node:path';
import { redactText } from '../observability/redact.js';
import { UsageError } from './errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

/** A file that an option names can't be read. `error` is Node's. */
export function unreadable(file: string, error: unknown): UsageError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new UsageError(`${named(file)} cannot be read: ${REASONS[code] ?? code}`);
}

/**
 * `the file message.json`, or `stdin` for `-`. Its folders are left out, and a name that may be a phone number or a secret:
 * the person may have typed another option's value.
 */
export function named(file: string): string {
  if (file === '-') return 'stdin';
  const name = basename(file);
  return name !== '' && redactText(name) === name && name.length <= LONGEST_NAME ? `the file ${name}` : 'the file';
}
const LONGEST_NAME = 100;

/** `line 3, column 12`: where a text stops being JSON. */
export function placeOfJsonError(text: string): string {
  const before = text.slice(0, readable(text)).split('\n');
  return `line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`;
}

/** What JSON consists of, with the blanks around it. A control character is not looked for in a valid text. */
const TOKEN =
  /\s*(?:[{}[\],:]|"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*/uy;

/** How many characters are the beginning of a JSON text. Node's own messages have the place only sometimes. */
function readable(text: string): number {
  const open: string[] = [];
  // What may come next: a value, a key, a colon, or the end of a value (a comma or a bracket).
  let next = 'value';
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const token = match[0].trim();
    const following = after(token, next, open);
    if (following === undefined) return end + match[0].length - match[0].trimStart().length;
    next = following;
    end = TOKEN.lastIndex;
  }
  return end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0);
}

/** What may follow `token`; undefined if `token` may not come here. Keeps the open brackets in `open`. */
function after(token: string, next: string, open: string[]): string | undefined {
  const inside = open.at(-1);
  switch (token) {
    case '{':
    case '[':
      if (!next.startsWith('value')) return undefined;
      open.push(token);
      return token === '{' ? 'key or }' : 'value or ]';
    case '}':
    case ']':
      if (inside !== (token === '}' ? '{' : '[')) return undefined;
      if (next !== 'end' && !next.endsWith(token)) return undefined;
      open.pop();
      return 'end';
    case ',':
      if (next !== 'end' || inside === undefined) return undefined;
      return inside === '{' ? 'key' : 'value';
    case ':':
      return next === 'colon' ? 'value' : undefined;
    default:
      if (next.startsWith('key')) return token.startsWith('"') ? 'colon' : undefined;
      return next.startsWith('value') ? 'end' : undefined;
  }
}
