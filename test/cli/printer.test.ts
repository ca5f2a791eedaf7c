import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { createProgress } from '../../src/cli/printer.js';

function stream(isTTY: boolean) {
  let text = '';
  const written = { isTTY, columns: 80, write: (chunk: string) => (text += chunk) } as unknown as WriteStream;
  return { written, text: () => text };
}

test('progress is a bar on a terminal, which is removed at the end, and prints nothing at first elsewhere', () => {
  const terminal = stream(true);
  const bar = createProgress(1_200, terminal.written);
  bar.update(600, '3 failed');
  expect(terminal.text()).toBe(`\r${'█'.repeat(15)}${'░'.repeat(15)} 600 of 1,200, 3 failed\x1b[K`);
  bar.end();
  expect(terminal.text().endsWith('\r\x1b[K')).toBe(true);
  const file = stream(false);
  const lines = createProgress(1_200, file.written);
  lines.update(600);
  lines.end();
  expect(file.text()).toBe('');
});
