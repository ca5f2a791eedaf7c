import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';

import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowIdFor, type DeliveryId } from '../../src/contract/ids.js';
import { PAYLOAD_CONVERTER_PATH } from '../../src/encryption/data-converter.js';
import { PATHS } from './paths.js';

type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>;

const HISTORIES = new URL('./histories/', import.meta.url);
const files = await readdir(HISTORIES);

const bundleOf = (path: string) =>
  bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(path, import.meta.url)),
    payloadConverterPath: PAYLOAD_CONVERTER_PATH,
    logger: new DefaultLogger('ERROR'),
  });

async function replay(file: string, workflowBundle: Bundle): Promise<void> {
  const history = historyFromJSON(JSON.parse(await readFile(new URL(file, HISTORIES), 'utf8')));
  const [input] = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const workflowId = workflowIdFor(JSON.parse(Buffer.from(input?.data ?? []).toString()) as DeliveryId);
  await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

let current: Bundle;
let broken: Bundle;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  [current, broken] = await Promise.all([bundleOf('../../src/workflows/index.ts'), bundleOf('./broken/index.ts')]);
});

describe('every stored history replays on the current code', () => {
  test.each(files)('%s', async (file) => {
    await replay(file, current);
  });

  test('there is one for each path', () => {
    expect(files.toSorted()).toEqual(
      Object.keys(PATHS)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });
});

test('activities in another order are caught', async () => {
  await expect(replay('sms-with-receipt.json', broken)).rejects.toThrow(DeterminismViolationError);
});
