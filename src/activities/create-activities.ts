import type { MessageActivities } from './message-activities.js';
import { revokeRcs, sendRcs, type RbmDependencies } from './rbm-activities.js';
import { reconcileSms, sendSms, type SmsDependencies } from './sms-activities.js';
import { createUntypedNotice } from './traffic-type.js';

export interface ActivityDependencies extends RbmDependencies, SmsDependencies {}

/** The activities. Each makes one request through its port and turns the port's errors into the contract's failures. */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  const noticeUntyped = createUntypedNotice();
  return {
    sendRcs: (input) => sendRcs({ ...deps, noticeUntyped }, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    sendSms: (input) => sendSms(deps, input),
    reconcileSms: (input) => reconcileSms(deps, input),
  };
}
