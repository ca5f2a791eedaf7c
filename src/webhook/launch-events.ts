import { AGENT_ID_PATTERN } from '../contract/patterns.js';
import { isLaunchState, type RbmEvent } from '../rbm/rbm-event.js';
import type { WebhookContext } from './webhook-context.js';

type AgentLaunch = Extract<RbmEvent, { readonly kind: 'agentLaunch' }>;

/** Counts and logs a change of an agent's launch state. Nothing is stored: the event is forwarded afterwards. */
export function reportLaunch({ metrics, log }: Pick<WebhookContext, 'metrics' | 'log'>, event: AgentLaunch): void {
  const { newLaunchState, oldLaunchState, agentId, regionId } = event;
  metrics.agentLaunch(isLaunchState(newLaunchState) ? newLaunchState : 'other');
  const about = {
    agentId: printable(AGENT_ID_PATTERN, agentId),
    regionId: printable(REGION_ID, regionId),
    oldLaunchState: printable(STATE, oldLaunchState),
    newLaunchState: printable(STATE, newLaunchState),
  };
  if (newLaunchState === 'SUSPENDED' || newLaunchState === 'UNLAUNCHED') {
    log.warn(about, 'an agent is no longer launched: create answers 404 for every number of that carrier');
  } else log.info(about, "an agent's launch state has changed");
}

/* Fields in another form are not logged: a number must not get into the log. */
const STATE = /^[A-Z][A-Z_]{0,63}$/;
const REGION_ID = /^\/?(?:v1\/)?regions\/[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const printable = (form: RegExp, text: string | undefined): string | undefined =>
  text !== undefined && form.test(text) ? text : undefined;
