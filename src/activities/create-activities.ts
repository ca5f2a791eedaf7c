import type { OptOutDependencies } from './check-opt-out.js';
import type { MessageActivities } from './message-activities.js';
import { revokeRcs, sendRcs, type RbmDependencies } from './rbm-activities.js';
import { reconcileSms, sendSms, type SmsDependencies } from './sms-activities.js';

export interface ActivityDependencies extends RbmDependencies, SmsDependencies, OptOutDependencies {}

/** The activities. Each makes one request through its port and turns the port's errors into the contract's failures. */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  return {
    sendRcs: (input) => sendRcs(deps, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    sendSms: (input) => sendSms(deps, input),
    reconcileSms: (input) => reconcileSms(deps, input),
  };
}
