import { Client, Connection, type WorkflowClient } from '@temporalio/client';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { createDeliveryClient, createOptOuts, createRunningDeliveries, SdkVersionError } from '../../src/index.js';
import { createRunHistories } from '../../src/temporal/run-histories.js';
import { checkClient, checkNativeConnection } from '../../src/temporal/sdk-version.js';
import { createDeliverySignals } from '../../src/webhook/delivery-signals.js';

const connection = Connection.lazy({ address: '127.0.0.1:1' });
const ours = new Client({ connection });
const recipientHashKey = 'a key for tests only, of 32 bytes and more';

/** What another copy of the SDK hands over: its own classes, and a connection that names its version to the server. */
function foreignClient(version: string | undefined, over?: Connection): Client {
  const connection = over ?? (version === undefined ? {} : { options: { metadata: { 'client-version': version } } });
  const options = { namespace: 'default' };
  // Their names are all that tells what they are.
  const { WorkflowClient: ForeignWorkflowClient } = {
    WorkflowClient: class WorkflowClient {
      readonly connection = connection;
      readonly options = options;
      readonly getHandle = () => undefined;
    },
  };
  const { Client: Foreign } = {
    Client: class Client {
      readonly connection = connection;
      readonly options = options;
      readonly workflow = new ForeignWorkflowClient();
    },
  };
  return new Foreign() as unknown as Client;
}

const starts: [string, (client: Client) => unknown][] = [
  ['createDeliveryClient', (client) => createDeliveryClient({ client })],
  ['createDeliverySignals', ({ workflow: client }) => createDeliverySignals({ client, timeoutMs: 1 })],
  ['createOptOuts', ({ workflow: client }) => createOptOuts({ client, recipientHashKey })],
  ['createRunningDeliveries', ({ workflow: client }) => createRunningDeliveries({ client, recipientHashKey })],
  ['createRunHistories', (client) => createRunHistories({ client })],
];

describe.each(starts)('%s', (_name, start) => {
  test.each(['1.11.8', '1.13.2', '1.25.0', '2.24.0'])(
    'refuses a client of SDK %s, and names both versions',
    (version) => {
      const given = { given: version, expected: '1.24.0' };
      const read = () => start(foreignClient(version));
      expect(read).toThrow(SdkVersionError);
      expect(read).toThrow(expect.objectContaining(given));
      expect(read).toThrow(`the client is of @temporalio/client ${version}, and rcs-message-delivery uses 1.24.0`);
    },
  );

  test('takes our own, over any connection of this version, and another copy of the same version', () => {
    expect(() => start(ours)).not.toThrow(SdkVersionError);
    expect(() => start(foreignClient('1.24.7'))).not.toThrow(SdkVersionError);
  });

  test.each<[string, Connection | undefined]>([
    ['a connection of that copy', undefined],
    ['our connection', connection],
  ])('refuses another copy whose version nobody can tell, over %s', (_over, over) => {
    expect(() => start(foreignClient(undefined, over))).toThrow('is of another copy of @temporalio/client');
  });
});

test('our own client over a connection of another version is refused too', () => {
  const { connection: other } = foreignClient('1.11.8');
  expect(() => createDeliveryClient({ client: new Client({ connection: other }) })).toThrow(SdkVersionError);
});

describe('another copy of the SDK over our connection', () => {
  const { cache, resolve } = createRequire(import.meta.url);
  const loaded = `${tmpdir()}/other/node_modules/@temporalio/client/package.json`;
  const load = (version: string) => {
    const own = cache[resolve('@temporalio/client/package.json')];
    cache[loaded] = Object.assign(Object.create(own ?? null) as NodeJS.Module, { id: loaded, exports: { version } });
  };
  afterEach(() => {
    Reflect.deleteProperty(cache, loaded);
  });

  test('is refused for its own version', () => {
    load('1.11.8');
    const read = () => createDeliveryClient({ client: foreignClient(undefined, connection) });
    expect(read).toThrow('the client is of @temporalio/client 1.11.8, and rcs-message-delivery uses 1.24.0');
  });

  test('is taken if it is of the same minor version', () => {
    load('1.24.7');
    createDeliveryClient({ client: foreignClient(undefined, connection) });
  });
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ["a client's Connection", connection],
])('%s in place of a NativeConnection is named', (_what, given) => {
  expect(() => {
    checkNativeConnection(given, false);
  }).toThrow(new TypeError('connection must be a NativeConnection of @temporalio/worker'));
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a connection', connection],
  ["a Client's workflow", ours.workflow],
])('%s in place of a Client is named, instead of an error about undefined', (_what, client) => {
  expect(() => createDeliveryClient({ client: client as Client })).toThrow(
    'client must be a Client of @temporalio/client',
  );
});

test('a Client in place of its workflow is named', () => {
  const client = ours as unknown as WorkflowClient;
  expect(() => createDeliverySignals({ client, timeoutMs: 1 })).toThrow("a Client's property `workflow`");
});

test('a fake that is no class of the SDK passes', () => {
  const workflow = { getHandle: () => undefined };
  checkClient({ workflow }, 'Client');
  checkClient(workflow, 'WorkflowClient');
  checkNativeConnection({ workflowService: {} }, false);
});

test('a NativeConnection of another copy is refused: its native half fits no other version', () => {
  const { NativeConnection: Foreign } = {
    NativeConnection: class NativeConnection {
      readonly isForeign = true;
    },
  };
  expect(() => {
    checkNativeConnection(new Foreign(), false);
  }).toThrow('the connection is of another copy of @temporalio/worker, and rcs-message-delivery uses 1.24.0');
  checkNativeConnection(new Foreign(), true);
});
