import { activityInfo } from '@temporalio/activity';
import { createUncheckedOptOuts, type OptOutDependencies } from './check-opt-out.js';
import { lookBack, type LookBackDependencies } from './look-back.js';
import { measureOutage } from './measure-outage.js';
import type { MessageActivities } from './message-activities.js';
import { revokeRcs, sendRcs, type RbmDependencies } from './rbm-activities.js';
import { reconcileSms, sendSms, type SmsDependencies } from './sms-activities.js';
import { createSmsNotices } from './sms-notices.js';
import { smsProviders } from './sms-providers.js';
import { createUntypedNotice } from './traffic-type.js';

export interface ActivityDependencies
  extends RbmDependencies, SmsDependencies, LookBackDependencies, OptOutDependencies {}

/**
 * The activities. Each uses its port and turns the port's errors into the contract's failures. Throws
 * a TypeError when two SMS providers have one name.
 */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  const optOuts = deps.optOuts ?? createUncheckedOptOuts();
  const rcs = { ...deps, optOuts, noticeUntyped: createUntypedNotice() };
  const sms = { ...deps, optOuts, providers: smsProviders(deps.sms), notices: createSmsNotices() };
  return {
    sendRcs: (input) => sendRcs(rcs, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    lookBack: () => {
      // Not from an input: after another reset, Temporal hands a pending activity to the new run with the old one.
      const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
      return lookBack(deps, { workflowId, runId });
    },
    measureOutage: (input) => measureOutage(deps, input),
    sendSms: (input) => sendSms(sms, input),
    reconcileSms: (input) => reconcileSms(sms, input),
  };
}
