import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryHandle } from '../../src/index.js';
import { endAll, serve } from '../cli/program.js';
import type { Runbook } from './runbook.js';
import { setVersionedStage, type VersionedStage } from './versioned-stage.js';

/*
 * Deploys and rolls back on a real server, with the commands that docs/operations.md prints. There 1.4.0 is the former
 * release, 1.5.0 the new one, and 1.5.1 has the fix.
 */

const OPEN_ON_NEW = "ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = 'rcs-delivery:1.5.0'";
const UPGRADES = `${OPEN_ON_NEW} AND TemporalWorkflowVersioningBehavior = 'AutoUpgrade'`;

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const bundle = (name: string) =>
  bundleWorkflowCode({
    workflowsPath: pathOf(name),
    workflowInterceptorModules: [pathOf('../../src/workflows/tracing.ts')],
    logger: new DefaultLogger('ERROR'),
  });

/** It has a patch of its own. */
let version2: WorkflowBundleWithSourceMap;
let broken: WorkflowBundleWithSourceMap;
let stage: VersionedStage;

beforeAll(async () => {
  [version2, broken] = await Promise.all([bundle('version-2.ts'), bundle('broken-version.ts')]);
});
beforeEach(async () => {
  stage = await setVersionedStage();
});
afterEach(async () => {
  await endAll();
  await stage.stop();
});

/** Repeats the command until the workers of the version poll every queue. Temporal refuses it until then. */
const whenItPolls = (...call: Parameters<Runbook>) =>
  expect
    .poll(() =>
      stage.runbook(...call).then(
        () => 'accepted',
        (error: unknown) => String(error),
      ),
    )
    .toBe('accepted');
const makeCurrent = (buildId: string) =>
  whenItPolls(['set-current-version', '--build-id 1.5.0'], (command) => command.replace('1.5.0', buildId));
const goBack = () => stage.runbook(['set-current-version', '--build-id 1.4.0']);
const pin = () => stage.runbook(['workflow update-options', "= 'AutoUpgrade'", '--versioning-override-build-id 1.5.0']);
/** To all deliveries, so that the test sees it at once. */
const ramp = () => whenItPolls(['--percentage 5'], (command) => command.replace('--percentage 5', '--percentage 100'));

/** Gives the delivery tasks until one was completed by this version. */
const untilOn = (delivery: DeliveryHandle, buildId: string) =>
  expect
    .poll(async () => {
      await stage.poke(delivery);
      return stage.versionOf(delivery);
    })
    .toBe(buildId);

/** Starts deliveries until one begins on this version: not every partition of a queue knows the change at once. */
async function untilNewOnesBeginOn(buildId: string | undefined): Promise<void> {
  await expect
    .poll(async () => {
      const delivery = await stage.begin('short');
      await stage.untilWaiting(delivery);
      return stage.versionOf(delivery);
    })
    .toBe(buildId);
}

async function settlesOn(buildId: string, ...deliveries: readonly DeliveryHandle[]): Promise<void> {
  for (const delivery of deliveries) {
    await stage.deliver(delivery);
    expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED' });
    expect(await stage.versionOf(delivery)).toBe(buildId);
  }
}

test('a deploy: short deliveries stay on their version, and long ones move', async () => {
  const stopFormer = await stage.startWorker('1.4.0');
  await makeCurrent('1.4.0');
  const [former, others] = [await stage.beginBoth(), await stage.beginBoth()];
  await stage.startWorker('1.5.0', version2);
  await ramp();
  await untilNewOnesBeginOn('1.5.0');
  await stage.runbook(['set-ramping-version', '--delete']);
  await untilNewOnesBeginOn('1.4.0');
  await makeCurrent('1.5.0');
  await untilOn(former.long, '1.5.0');

  await former.short.revokeNow({ reason: 'wrong price', fallback: 'none' });
  expect(await former.short.outcome()).toMatchObject({ outcome: 'REVOKED' });
  expect(stage.revokedBy.get(former.short.messageId)).toBe('1.4.0');
  await settlesOn('1.4.0', others.short);
  expect(await stage.runbook(['describe-version', '--build-id 1.4.0'])).toMatch(/DrainageStatus +drain/);
  await stopFormer();

  await settlesOn('1.5.0', former.long);
  await untilOn(others.long, '1.5.0');
  await others.long.revokeNow({ reason: 'wrong price', fallback: 'none' });
  expect(await others.long.outcome()).toMatchObject({ outcome: 'REVOKED' });
  expect(stage.revokedBy.get(others.long.messageId)).toBe('1.5.0');
  // Nobody needs the former version's workers for a delivery that has settled.
  expect(await others.short.status()).toMatchObject({ outcome: 'DELIVERED' });
  expect(await stage.runbook(['workflow list', 'rcs-delivery:1.5.0'])).toContain(others.long.workflowId);
});

test('a bad release: its deliveries settle on it or on the fix, and new ones begin on the former version', async () => {
  await stage.startWorker('1.4.0');
  await makeCurrent('1.4.0');
  const stopBad = await stage.startWorker('1.5.0', version2);
  await makeCurrent('1.5.0');
  await untilNewOnesBeginOn('1.5.0');
  const [settling, kept] = [await stage.beginBoth(), await stage.beginBoth()];
  await expect.poll(() => stage.idsOf(UPGRADES)).toHaveLength(2);

  await pin();
  await expect.poll(() => stage.idsOf(UPGRADES)).toEqual([]);
  const between = await stage.begin('long');
  await stage.untilWaiting(between);
  await goBack();
  await untilNewOnesBeginOn('1.4.0');
  // Its next task comes to the former version before it is pinned.
  await expect
    .poll(async () => {
      await stage.poke(between);
      return stage.failedTasks(between);
    })
    .toBeGreaterThan(0);
  await stage.deliver(between);
  await pin();
  await expect.poll(() => stage.pinnedTo(between)).toBe('1.5.0');
  expect(await stage.idsOf(UPGRADES)).toEqual([between.workflowId]);
  await stage.runbook(['reset with-workflow-update-options', '--type LastWorkflowTask']);
  // Who waits for the run that the reset ends sees it terminated.
  const outcome = () => between.outcome().then((result) => result.outcome, String);
  await expect.poll(outcome).toBe('DELIVERED');
  expect(await stage.versionOf(between)).toBe('1.5.0');

  await settlesOn('1.5.0', settling.long);
  await settling.short.revokeNow({ reason: 'wrong price', fallback: 'none' });
  expect(await settling.short.outcome()).toMatchObject({ outcome: 'REVOKED' });
  expect(stage.revokedBy.get(settling.short.messageId)).toBe('1.5.0');

  await stage.startWorker('1.5.1', version2);
  await makeCurrent('1.5.1');
  await stage.runbook(['--versioning-override-behavior unspecified', 'rcs-delivery:1.5.0']);
  await untilOn(kept.long, '1.5.1');
  await stage.runbook(['workflow update-options', '--versioning-override-build-id 1.5.1']);
  await untilOn(kept.short, '1.5.1');
  await expect.poll(() => stage.idsOf(OPEN_ON_NEW).then((ids) => ids.includes(kept.short.workflowId))).toBe(false);
  await stopBad();
  await settlesOn('1.5.1', kept.long, kept.short);
});

test('a release whose code fails at once: back on the former version, its deliveries go on by themselves', async () => {
  await stage.startWorker('1.4.0');
  await makeCurrent('1.4.0');
  const former = await stage.beginBoth();
  await stage.startWorker('1.5.0', broken);
  await makeCurrent('1.5.0');
  await expect
    .poll(async () => {
      await stage.poke(former.long);
      return stage.attempts(former.long);
    })
    .toBeGreaterThan(1);
  const failing = { short: await stage.begin('short'), long: await stage.begin('long') };
  for (const delivery of Object.values(failing)) {
    await expect.poll(() => stage.attempts(delivery)).toBeGreaterThan(1);
  }
  await goBack();
  await settlesOn('1.4.0', former.short, former.long, failing.short, failing.long);
});

test('deliveries of a bad release start over on the former version', async () => {
  await stage.startWorker('1.4.0');
  await makeCurrent('1.4.0');
  const stopBad = await stage.startWorker('1.5.0', version2);
  await makeCurrent('1.5.0');
  const bad = await stage.beginBoth();
  await expect.poll(() => stage.idsOf(OPEN_ON_NEW)).toHaveLength(2);
  await goBack();
  await stopBad();
  await stage.runbook(['reset with-workflow-update-options', '--type FirstWorkflowTask']);
  await expect.poll(() => stage.versionOf(bad.short)).toBe('1.4.0');
  await expect.poll(() => stage.versionOf(bad.long)).toBe('1.4.0');
  await settlesOn('1.4.0', bad.short, bad.long);
});

test('versions turned off: long deliveries move to unversioned workers, and short ones stay', async () => {
  const stopVersioned = await stage.startWorker('1.4.0');
  await makeCurrent('1.4.0');
  const versioned = await stage.beginBoth();
  await stage.startWorker(undefined);
  await stage.runbook(['set-current-version', '--unversioned']);
  await untilNewOnesBeginOn(undefined);
  await settlesOn('1.4.0', versioned.short);
  await stopVersioned();
  await stage.deliver(versioned.long);
  expect(await versioned.long.outcome()).toMatchObject({ outcome: 'DELIVERED' });
});

test('a worker process with both variables is a worker of that version', async () => {
  serve(['worker'], {
    ...stage.variables,
    TEMPORAL_DEPLOYMENT_NAME: 'rcs-delivery',
    TEMPORAL_WORKER_BUILD_ID: '1.5.0',
  });
  await makeCurrent('1.5.0');
  const printed = await stage.runbook(['deployment describe --name']);
  expect(printed).toMatch(/CurrentVersionBuildID +1\.5\.0/);
});
