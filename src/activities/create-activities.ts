import { activityInfo } from '@temporalio/activity';
import { lookBack, type LookBackDependencies } from './look-back.js';
import type { MessageActivities } from './message-activities.js';
import { revokeRcs, sendRcs, type RbmDependencies } from './rbm-activities.js';
import { reconcileSms, sendSms, type SmsDependencies } from './sms-activities.js';

export interface ActivityDependencies extends RbmDependencies, SmsDependencies, LookBackDependencies {}

/** The activities. Each uses its port and turns the port's errors into the contract's failures. */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  return {
    sendRcs: (input) => sendRcs(deps, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    sendSms: (input) => sendSms(deps, input),
    reconcileSms: (input) => reconcileSms(deps, input),
    lookBack: () => {
      // Not from an input: after another reset, Temporal hands a pending activity to the new run with the old one.
      const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
      return lookBack(deps, { workflowId, runId });
    },
  };
}
