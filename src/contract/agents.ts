import { bareAgentId } from './ids.js';
import type { MessageTrafficType } from './rbm.js';

/** RBM's regions. The one nearest to the caller is recommended (RBM "Send messages"). */
export const RBM_REGIONS = ['us', 'europe', 'asia'] as const;
export type RbmRegion = (typeof RBM_REGIONS)[number];

/** What this system knows of an RBM agent (environment RBM_AGENTS). */
export interface Agent {
  /** Without `@rbm.goog`. */
  readonly agentId: string;
  /** Agents of one brand share their opt-outs (RBM "Acceptable use policy", 3 Oct 2025). */
  readonly brand?: string;
  /** The type of a message that names none. */
  readonly messageTrafficType?: MessageTrafficType;
  /** The region of its requests. Default: RBM_REGION. */
  readonly region?: RbmRegion;
}

export type Agents = readonly Agent[];

export const agentIn = (agents: Agents, agentId: string): Agent | undefined =>
  agents.find((agent) => agent.agentId === bareAgentId(agentId));

/**
 * The scopes in which an opt-out stops an agent's messages. The first is where a new opt-out is kept: the brand, or the
 * agent if it has none. The brand's agents follow, so that opt-outs from before it was configured still count.
 */
export function optOutScopes(agents: Agents, agentId: string): readonly [string, ...string[]] {
  const own = bareAgentId(agentId);
  const brand = agentIn(agents, own)?.brand;
  if (brand === undefined) return [own];
  const siblings = agents.filter((agent) => agent.brand === brand).map((agent) => agent.agentId);
  return [brand, ...siblings.filter((scope) => scope !== brand)];
}
