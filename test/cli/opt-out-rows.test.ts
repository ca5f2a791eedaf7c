import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readRows, type NumberedRow } from '../../src/cli/opt-out-rows.js';

async function rows(text: string, agent?: string): Promise<readonly NumberedRow[]> {
  const all: NumberedRow[] = [];
  for await (const row of readRows(Readable.from([text]), agent)) all.push(row);
  return all;
}
const SENT = '2026-01-02T03:04:05Z';

test.each<[string, string | undefined, string, object]>([
  ['a number', 'acme', '+15550100001', { agentId: 'acme', recipient: '+15550100001' }],
  [
    'with time and source',
    'acme',
    `+1 555,${SENT},old system`,
    { recipient: '+1 555', sendTime: SENT, source: 'old system' },
  ],
  ['with the agent', undefined, 'acme,+15550100001', { agentId: 'acme', recipient: '+15550100001' }],
  [
    'in quotes',
    'acme',
    `"+15550100001", "" ,"the ""old"", system"`,
    { recipient: '+15550100001', source: 'the "old", system' },
  ],
  ['as JSON', 'acme', `{"agentId":"other","recipient":"+1555","channel":"sms"}`, { agentId: 'other', channel: 'sms' }],
  ['JSON with null', 'acme', `{"recipient":"+1555","source":null,"name":"x"}`, { agentId: 'acme', recipient: '+1555' }],
  ['a source that is named like a column', 'acme', `+1555,${SENT},source`, { recipient: '+1555', source: 'source' }],
  ['more values than columns', undefined, `acme,+1555,${SENT},letter,sms`, { agentId: '', recipient: '' }],
  ['empty values at the end', 'acme', `+1555,${SENT},letter,,`, { recipient: '+1555', source: 'letter' }],
  ['not JSON', 'acme', '{"recipient":', { agentId: 'acme', recipient: '' }],
])('%s', async (_, agent, line, expected) => {
  const [row, ...rest] = await rows(`${line}\n`, agent);
  expect(row).toMatchObject({ ...expected, line: 1 });
  expect(rest).toEqual([]);
  expect(row).not.toHaveProperty('name');
});

test.each(['+1555,,"  "', `{"recipient":"+1555","source":" "}`])('a blank source is none: %s', async (line) => {
  expect(await rows(line, 'acme')).toEqual([{ agentId: 'acme', recipient: '+1555', line: 1 }]);
});

test('UTF-16 with a byte order mark, as a spreadsheet may save it', async () => {
  const bytes = Buffer.from(`\ufeffrecipient,source\r\n+15550100001,Grüße\r\n`, 'utf16le');
  const all: NumberedRow[] = [];
  for await (const row of readRows(Readable.from([bytes]), 'acme')) all.push(row);
  expect(all).toEqual([{ line: 2, agentId: 'acme', recipient: '+15550100001', source: 'Grüße' }]);
});

test('a channel in upper case', async () => {
  expect(await rows('{"recipient":"+1555","channel":" SMS "}\n', 'acme')).toMatchObject([{ channel: 'sms' }]);
});

test('a first line may name the columns, and empty lines are left out', async () => {
  const text = `\uFEFFsendTime,recipient,note,agentId\r\n\r\n${SENT},+15550100001,hello,acme\r\n`;
  expect(await rows(text)).toEqual([{ line: 3, agentId: 'acme', recipient: '+15550100001', sendTime: SENT }]);
});

test.each(['Recipient,SendTime,AGENTID', 'RECIPIENT,"sendtime",agentId'])(
  'the names of columns are known in any case: %s',
  async (head) => {
    const expected = [{ line: 2, agentId: 'acme', recipient: '+15550100001', sendTime: SENT }];
    expect(await rows(`${head}\n+15550100001,${SENT},acme\n`, 'other')).toEqual(expected);
  },
);

test('the columns that are not known are named', async () => {
  const leftOut: string[] = [];
  const text = Readable.from(`recipient,since,note\n+15550100001,${SENT},hello\n`);
  for await (const row of readRows(text, 'acme', (columns) => leftOut.push(...columns))) expect(row.line).toBe(2);
  expect(leftOut).toEqual(['since', 'note']);
});
