import { NativeConnection } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';

test('workflows that cannot be loaded are the error, and the connection can be closed after it', async () => {
  quietTemporal();
  const { address, namespace } = await sharedTemporal();
  const connection = await NativeConnection.connect({ address });
  const worker = createDeliveryWorker({
    ...{ connection, namespace, taskQueue: 'cannot-be-created', activities: fakeActivities },
    worker: { workflowBundle: { codePath: 'no-such-file.js' } },
  });
  await expect(worker).rejects.toThrow('no-such-file.js');
  await expect(connection.close()).resolves.toBeUndefined();
});
