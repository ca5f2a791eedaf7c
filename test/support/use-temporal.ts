import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { quietTemporal } from './quiet-temporal.js';
import { sharedTemporal } from './shared-temporal.js';

export interface ConnectedTemporal {
  readonly namespace: string;
  /** For clients. */
  readonly connection: Connection;
  /** For workers. */
  readonly native: NativeConnection;
}

/** The shared dev server with a namespace for the tests of a file, connected while they run. */
export function useTemporal(): () => ConnectedTemporal {
  let connected: ConnectedTemporal | undefined;
  beforeAll(async () => {
    quietTemporal();
    const { address, namespace } = await sharedTemporal();
    const native = await NativeConnection.connect({ address });
    connected = { namespace, native, connection: await Connection.connect({ address }) };
  });
  afterAll(async () => {
    await Promise.all([connected?.native.close(), connected?.connection.close()]);
  });
  return () => {
    if (connected === undefined) throw new Error('Temporal is connected only while tests run.');
    return connected;
  };
}
