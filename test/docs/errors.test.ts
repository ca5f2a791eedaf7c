import { expect, test } from 'vitest';
import * as clientErrors from '../../src/client/client-errors.js';
import { FailureType, NO_ACCESS_TOKEN, WORKFLOW_RESET } from '../../src/contract/failures.js';
import { OUTCOMES, PHASES } from '../../src/contract/status.js';
import { textOf } from './pages.js';

test('docs/errors.md lists every error code of the client and every type of failure', () => {
  const page = textOf('docs/errors.md');
  const classes = Object.keys(clientErrors).filter((name) => name !== 'DeliveryError');
  expect([...classes, ...Object.values(FailureType)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/errors.md lists every other code', () => {
  const page = textOf('docs/errors.md');
  // The tables of HTTP errors, and unions of codes.
  const inSource = (file: string) =>
    [...textOf(file).matchAll(/^ {2}([A-Z_]+): \[\d+,|(?<=^ +\| |type \w+ = |' \| )'([A-Z_]+)'/gm)].map(
      ([, one, other]) => one ?? other,
    );
  const files = [
    'webhook/errors.ts',
    'codec-server/errors.ts',
    'encryption/payload-decryption-error.ts',
    'contract/failures.ts',
  ];
  const codes = files.flatMap((file) => inSource(`src/${file}`));
  expect(codes).toEqual(
    expect.arrayContaining(['OVERLOADED', 'UNAUTHENTICATED', 'UNREADABLE', 'GONE', 'NO_HISTORIES']),
  );
  const missing = [...codes, NO_ACCESS_TOKEN, WORKFLOW_RESET].filter((code) => !page.includes(`\`${String(code)}\``));
  expect(missing).toEqual([]);
});

test('docs/concepts.md explains every outcome', () => {
  const page = textOf('docs/concepts.md');
  expect(OUTCOMES.filter((outcome) => !page.includes(`| \`${outcome}\``))).toEqual([]);
});

test("the README's diagram shows every phase and every outcome", () => {
  const states = [...textOf('README.md').matchAll(/^ +(?:\S+) --> (\w+)/gm)].map(([, state]) => state);
  expect([...PHASES, ...OUTCOMES].filter((state) => !states.includes(state))).toEqual([]);
});
