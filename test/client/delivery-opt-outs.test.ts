import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeliveryClient, InvalidInputError, type OptOutRow, type DeliveryClient } from '../../src/index.js';
import { sharedTemporal } from '../support/shared-temporal.js';

let connection: Connection;
let client: Client;
let deliveries: DeliveryClient;

beforeAll(async () => {
  const { address, namespace } = await sharedTemporal();
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  deliveries = createDeliveryClient({
    client,
    defaultCountry: 'US',
    searchAttributes: { recipientHashKey: 'key-1,key-2' },
    agents: [
      { agentId: 'acme', brand: 'acme-brand' },
      { agentId: 'acme-shop', brand: 'acme-brand' },
    ],
  });
});
afterAll(() => connection.close());

const problemsOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect((error as Error).message).not.toContain('5550100');
  return (error as InvalidInputError).problems.map(({ field }) => field);
};

test('numbers are normalised like recipients, and a brand is one scope', async () => {
  const { optOuts } = deliveries;
  await optOuts.add({ agentId: 'acme', recipient: '(201) 555-0123' }, { sendTime: new Date('2026-01-02T03:04:05Z') });
  expect(await optOuts.has({ agentId: 'acme-shop', recipient: '+12015550123' })).toBe(true);
  expect(await optOuts.has({ agentId: 'acme-shop', recipient: '+12015550124' })).toBe(false);
});

test('import yields one result per row, in their order', async () => {
  const rows: OptOutRow[] = [
    { agentId: 'acme', recipient: '+12015550125', source: 'old system' },
    { agentId: 'acme', recipient: '12' },
    { agentId: 'acme', recipient: '+12015550126', channel: 'sms' },
  ];
  const results = [];
  for await (const { index, input, ok } of deliveries.optOuts.import(rows)) results.push({ index, input, ok });
  expect(results).toEqual(rows.map((input, index) => ({ index, input, ok: index !== 1 })));
  expect(await deliveries.optOuts.has({ agentId: 'acme', recipient: '+12015550126', channel: 'sms' })).toBe(true);
});

test('null counts as absent', async () => {
  const { optOuts } = deliveries;
  const person = { agentId: 'acme', recipient: '\u202a+1 201 555 0127\u202c', channel: null } as unknown as OptOutRow;
  await optOuts.add(person, { source: null, sendTime: null, eventId: null } as unknown as object);
  expect(await optOuts.has({ agentId: 'acme', recipient: '+12015550127' })).toBe(true);
});

test('a wrong input is refused before Temporal is called, by name and without its value', async () => {
  const { optOuts } = deliveries;
  const person = { agentId: 'acme', recipient: '+15550100001' };
  expect(await problemsOf(optOuts.add({ agentId: 'a b', recipient: 'x' }))).toEqual(['agentId', 'recipient']);
  expect(await problemsOf(optOuts.add(person, { source: '', sendTime: 'yesterday', eventId: '' }))).toEqual([
    'source',
    'sendTime',
    'eventId',
  ]);
  expect(await problemsOf(optOuts.remove(person, { sendTime: new Date(Number.NaN) }))).toEqual(['sendTime']);
  expect(await problemsOf(optOuts.has({ ...person, channel: 'rcs' as 'sms' }))).toEqual(['channel']);
  for (const source of [' ', '\t\n', '\u200b'])
    expect(await problemsOf(optOuts.add(person, { source }))).toEqual(['source']);
  expect(await problemsOf(optOuts.add(person, { source: 'letter \ud83d', eventId: '\ude00' }))).toEqual([
    'source',
    'eventId',
  ]);
  const noRecipient = { agentId: 'acme' } as unknown as OptOutRow;
  expect(await problemsOf(optOuts.has(noRecipient))).toEqual(['recipient']);
});

test('without a hash key every method but list says so', async () => {
  const { optOuts } = createDeliveryClient({ client });
  const person = { agentId: 'acme', recipient: '+15550100001' };
  for (const work of [optOuts.add(person), optOuts.remove(person), optOuts.has(person)]) {
    expect(await problemsOf(work)).toEqual(['recipientHashKey']);
  }
  const imported = await optOuts.import([person]).next();
  expect(imported.value).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  for await (const one of optOuts.list()) expect(one.scope).not.toBe('');
});
