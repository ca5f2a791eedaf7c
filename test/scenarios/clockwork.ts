import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { VirtualClock } from '../../dev/simulator/virtual-clock.js';

/**
 * Drives the test server's clock and the simulators' together. The server's clock skips only while no activity and no
 * workflow task is under way; until they end it runs in real time.
 *
 * Its count of those goes wrong in two cases (io.temporal:temporal-test-server 1.38, TestWorkflowMutableStateImpl), and
 * then it would never skip again:
 * - a workflow completes while one of its activities is pending: the activity's lock is never given back;
 * - a workflow task cancels a timer that has fired while the task was under way: the server refuses the whole answer
 *   ("invalid history builder state for action"), and the task is lost. A real server takes such an answer.
 * So when a step has taken its real time although nothing was under way, lost tasks are looked for, and locks that belong
 * to nobody are given back. That takes seconds, and the server's clock runs on: the simulators' follows it all the time.
 * Else an SMS would be entered at the gateway seconds before it was asked for, and be overlooked when it is asked about.
 */
export interface Clockwork {
  /** Moves both clocks on; returns the server's time. */
  step(ms: number): Promise<number>;
  /** Resolves once nothing is under way and time skips. */
  rest(): Promise<void>;
  stop(): void;
  readonly stats: { steps: number; unlocked: number };
}

export interface ClockworkDeps {
  readonly env: TestWorkflowEnvironment;
  readonly clock: VirtualClock;
  /** Whether an activity is running. */
  readonly isBusy: () => boolean;
  /** Resolves once no workflow task is under way; gives up those that are lost. */
  readonly untilQuiet: () => Promise<void>;
}

/** Not a whole second, as most waits are: an event at the same instant as a timer is what the server stumbles over. */
export const STEP = 1_170;
/** Far more than two calls to the server take, far less than a scenario notices. */
const PROBE = 300;
/** How often the simulators' clock catches up with the server's. Milliseconds, in real time. */
const FOLLOW = 50;

export function createClockwork({ env, clock, isBusy, untilQuiet }: ClockworkDeps): Clockwork {
  const { testService } = env.connection;
  if (testService === undefined) throw new Error('not a time-skipping server');
  const stats = { steps: 0, unlocked: 0 };

  async function catchUp(): Promise<number> {
    const now = await env.currentTimeMs();
    clock.advanceTo(now);
    return now;
  }
  const following = setInterval(() => {
    catchUp().catch(() => {
      // The server is gone: whoever waits for it says so.
    });
  }, FOLLOW);

  /** Sleeps in the server's time; true if that took as long in real time. */
  async function sleepsForReal(ms: number): Promise<boolean> {
    const began = performance.now();
    await env.sleep(ms);
    return performance.now() - began >= ms;
  }

  async function giveBackLocks(): Promise<void> {
    for (;;) {
      await untilQuiet();
      const stuck = !isBusy() && (await sleepsForReal(PROBE)) && !isBusy() && (await sleepsForReal(PROBE));
      if (!stuck || isBusy()) return;
      await testService?.unlockTimeSkipping({});
      stats.unlocked += 1;
      if (await runsAway()) await testService?.lockTimeSkipping({});
    }
  }

  /** True if time skips although nobody sleeps: then one lock too many was given back. */
  async function runsAway(): Promise<boolean> {
    const before = await env.currentTimeMs();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await env.currentTimeMs()) - before > 10 * PROBE;
  }

  return {
    stats,
    async rest() {
      while (isBusy()) await env.sleep(PROBE);
      await giveBackLocks();
    },
    async step(ms) {
      const wasBusy = isBusy();
      const slow = await sleepsForReal(ms);
      if (slow && !wasBusy && !isBusy()) await giveBackLocks();
      stats.steps += 1;
      return catchUp();
    },
    stop() {
      clearInterval(following);
    },
  };
}
