import { log, metricMeter } from '@temporalio/activity';
import { agentIn, type Agents } from '../contract/agents.js';
import { METRICS } from '../contract/metrics.js';
import { trafficPolicy } from '../contract/policy.js';
import { MESSAGE_TRAFFIC_TYPES } from '../contract/rbm.js';

interface Message {
  readonly agentId: string;
  readonly messageTrafficType?: string;
}

/** The message's traffic type, or else its agent's default: a starter in another language does not know RBM_AGENTS. */
export function trafficTypeOf(agents: Agents, { agentId, messageTrafficType }: Message): string | undefined {
  return messageTrafficType ?? agentIn(agents, agentId)?.messageTrafficType;
}

/** Whether an opt-out stops a message of this type: one of PROMOTION always (G11), any other if the input asks for it. */
export function honorsOptOut(type: string | undefined, { honorOptOut }: { readonly honorOptOut?: boolean }): boolean {
  const { optOut } = trafficPolicy(MESSAGE_TRAFFIC_TYPES.find((known) => known === type));
  return optOut === 'always' || honorOptOut === true;
}

/** An agentId comes from a caller, whose mistake must not fill the log. */
const MAX_AGENTS = 100;

/** Counts requests without a traffic type, and logs a warning once per agent, for at most 100 agents. */
export type UntypedNotice = (agentId: string) => void;

export function createUntypedNotice(): UntypedNotice {
  const warned = new Set<string>();
  const { name, help } = METRICS.untyped;
  return (agentId) => {
    metricMeter.createCounter(name, undefined, help).add(1);
    if (warned.has(agentId) || warned.size >= MAX_AGENTS) return;
    warned.add(agentId);
    log.warn('message without messageTrafficType: set it, or a type for this agent in RBM_AGENTS', { agentId });
  };
}
