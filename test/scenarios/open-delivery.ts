import type { WorkflowHandle } from '@temporalio/client';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { Scenario } from './scenario.js';
import type { WorldRules } from './worlds.js';

/** A scenario and the world in which it is played. */
export interface Cast {
  /** Its index among the scenarios of its seed. */
  readonly index: number;
  readonly scenario: Scenario;
  readonly world: WorldRules;
}

/** A delivery that is running. */
export interface Open {
  readonly cast: Cast;
  readonly input: MessageDeliveryInput;
  readonly handle: WorkflowHandle;
  /** The operator's handle. It never repeats a call. */
  readonly operated: WorkflowHandle;
  readonly startedAt: number;
  /** `lost`: the test server has lost one of its workflow tasks. */
  readonly state: {
    now: 'open' | 'ended' | 'lost';
    hasOperated: boolean;
    /** The expiry that the operator asked for, as Unix time in milliseconds. */
    expiryAsked?: number;
  };
}

export const isOpen = ({ state }: Open) => state.now === 'open';
