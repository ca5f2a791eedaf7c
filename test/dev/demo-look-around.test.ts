import { describe, expect, test } from 'vitest';
import { howToKeep, lookAround, type Surroundings } from '../../dev/demo/look-around.js';
import { DEFAULT_MESSAGES, USAGE } from '../../dev/demo/options.js';
import { readMessages } from '../../dev/demo/messages-file.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';

const inputs = (count: number): MessageDeliveryInput[] =>
  readMessages('{"recipient":"+15550100001","contentMessage":{"text":"Hi"},"ttl":"8s"}\n'.repeat(count), 0).flatMap(
    (line) => ('input' in line ? [line.input] : []),
  );

const stack = {
  temporal: { uiUrl: 'http://127.0.0.1:40589', namespace: 'default' },
  simulator: { url: 'http://127.0.0.1:40505' },
  webhookUrl: 'http://127.0.0.1:42009',
  config: { taskQueue: 'message-delivery' },
  env: {
    TEMPORAL_ADDRESS: '127.0.0.1:33371',
    TEMPORAL_NAMESPACE: 'default',
    RECIPIENT_HASH_KEY: Buffer.alloc(32, 251).toString('base64'),
  },
} as unknown as Surroundings;

describe('with --keep', () => {
  const lines = lookAround(stack, inputs(7)).split('\n');

  test('what is to be pasted is a line of its own', () => {
    const pasted = lines.filter((line) => /:\/\/|export|npx/.test(line));
    expect(pasted).toHaveLength(3 + 4 + 7 + 2);
    for (const line of pasted) expect(line).toMatch(/^(?:http:\/\/\S+[\w]|export \w+=\S+|npx rcs-delivery .*\w)$/);
  });

  test('every line fits into 80 columns', () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('each delivery has its command, up to ten', () => {
    const commands = (count: number) =>
      lookAround(stack, inputs(count)).match(/^npx rcs-delivery status demo-agent /gm);
    expect(commands(7)).toHaveLength(7);
    expect(commands(30)).toHaveLength(10);
    expect(lookAround(stack, inputs(30))).toContain('How the first 10 deliveries went:');
  });

  test('a server of somebody else has no address of a Web UI here', () => {
    expect(lookAround({ ...stack, temporal: { namespace: 'default' } }, [])).not.toContain('Web UI');
  });
});

test('the help fits into 80 columns', () => {
  expect(USAGE.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  [DEFAULT_MESSAGES, 'npm run demo -- --keep'],
  ["my messages'.jsonl", "npm run demo -- --keep --messages 'my messages'\\''.jsonl'"],
])('without --keep, the command for %s is printed', (messages, command) => {
  expect(howToKeep({ messages }).split('\n').at(-1)).toBe(command);
  expect(howToKeep({ messages })).not.toContain('://');
});
