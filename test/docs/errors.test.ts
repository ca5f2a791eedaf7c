import { expect, test } from 'vitest';
import * as clientErrors from '../../src/client/client-errors.js';
import { FailureType } from '../../src/contract/failures.js';
import { OUTCOMES, PHASES } from '../../src/contract/status.js';
import { textOf } from './pages.js';

test('docs/errors.md lists every error code of the client and every type of failure', () => {
  const page = textOf('docs/errors.md');
  const classes = Object.keys(clientErrors).filter((name) => name !== 'DeliveryError');
  expect([...classes, ...Object.values(FailureType)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/concepts.md explains every outcome', () => {
  const page = textOf('docs/concepts.md');
  expect(OUTCOMES.filter((outcome) => !page.includes(`| \`${outcome}\``))).toEqual([]);
});

test("the README's diagram shows every phase and every outcome", () => {
  const states = [...textOf('README.md').matchAll(/^ +(?:\S+) --> (\w+)/gm)].map(([, state]) => state);
  expect([...PHASES, ...OUTCOMES].filter((state) => !states.includes(state))).toEqual([]);
});
