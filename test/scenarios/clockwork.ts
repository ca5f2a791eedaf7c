import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { VirtualClock } from '../../dev/simulator/virtual-clock.js';

/*
 * The test server (io.temporal:temporal-test-server 1.38) skips time only while no activity and no workflow task is running.
 * It counts them with locks, and two bugs keep a lock for ever, so that time is never skipped again:
 * 1. A workflow completes while one of its activities is pending. The server never releases the activity's lock.
 * 2. A workflow task cancels a timer that has fired meanwhile. The server rejects the task's answer and loses the task
 *    ("invalid history builder state for action"). A real server accepts such an answer.
 */

/**
 * Moves the test server's clock and the simulators' clock together. When a step took real time although nothing was running,
 * it gives up lost tasks and releases the locks that are left. That takes seconds in which the server's clock goes on. The
 * simulators' clock follows it, or a gateway would record an SMS before the time at which it was requested.
 */
export interface Clockwork {
  /** Moves both clocks forward and returns the server's time. */
  step(ms: number): Promise<number>;
  /** Resolves when nothing is running and time is skipped. */
  rest(): Promise<void>;
  stop(): Promise<void>;
  readonly stats: { steps: number; unlocked: number };
}

export interface ClockworkDeps {
  readonly env: TestWorkflowEnvironment;
  readonly clock: VirtualClock;
  /** Whether an activity is running. */
  readonly isBusy: () => boolean;
  /** True if no workflow task is running. */
  readonly isQuiet: () => Promise<boolean>;
  /** Resolves when no workflow task is running. Gives up those that are lost. */
  readonly untilQuiet: () => Promise<void>;
}

/** Most waits are whole seconds. This is not, because an event in the same instant as a timer triggers the second bug. */
export const STEP = 1_170;
/** Far longer than two calls to the server, and far too short to affect a scenario. Milliseconds. */
const PROBE = 300;
/** How often the simulators' clock is set to the server's time. Milliseconds of real time. */
const FOLLOW = 50;

export function createClockwork({ env, clock, isBusy, isQuiet, untilQuiet }: ClockworkDeps): Clockwork {
  const { testService } = env.connection;
  if (testService === undefined) throw new Error('not a time-skipping server');
  const stats = { steps: 0, unlocked: 0 };

  async function catchUp(): Promise<number> {
    const now = await env.currentTimeMs();
    clock.advanceTo(now);
    return now;
  }
  let followed: Promise<unknown> = Promise.resolve();
  const following = setInterval(() => {
    const caughtUp = catchUp().catch(() => {
      // The server is down. Whoever waits for it reports that.
    });
    followed = Promise.all([followed, caughtUp]);
  }, FOLLOW);

  /** Sleeps in the server's time. Returns true if that took as long in real time. */
  async function sleepsForReal(ms: number): Promise<boolean> {
    const began = performance.now();
    await env.sleep(ms);
    return performance.now() - began >= ms;
  }

  async function releaseLocks(): Promise<void> {
    for (;;) {
      await untilQuiet();
      const stuck = !isBusy() && (await sleepsForReal(PROBE)) && !isBusy() && (await sleepsForReal(PROBE));
      if (!stuck || isBusy()) return;
      // A timer may have fired meanwhile. Its task holds a lock that the server will release itself.
      if (!(await isQuiet())) continue;
      await testService?.unlockTimeSkipping({});
      stats.unlocked += 1;
      if (await runsAway()) await testService?.lockTimeSkipping({});
    }
  }

  /** True if time is skipped although nobody sleeps, which means that one lock too many was released. */
  async function runsAway(): Promise<boolean> {
    const before = await env.currentTimeMs();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await env.currentTimeMs()) - before > 10 * PROBE;
  }

  return {
    stats,
    async rest() {
      while (isBusy()) await env.sleep(PROBE);
      await releaseLocks();
    },
    async step(ms) {
      const wasBusy = isBusy();
      const slow = await sleepsForReal(ms);
      if (slow && !wasBusy && !isBusy()) await releaseLocks();
      stats.steps += 1;
      return catchUp();
    },
    async stop() {
      clearInterval(following);
      await followed;
    },
  };
}
