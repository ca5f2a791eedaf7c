import { z } from 'zod';

const TrafficType = z.enum(['AUTHENTICATION', 'TRANSACTION', 'PROMOTION', 'SERVICEREQUEST', 'ACKNOWLEDGEMENT']);
type TrafficType = z.infer<typeof TrafficType>;

/** What RBM knows of an agent. */
export const AgentProfile = z.strictObject({
  /**
   * A multi-use agent must name the traffic type of each message. Any other agent's use case is the default of its
   * messages (RBM "phones.agentMessages").
   */
  useCase: z.union([z.literal('MULTI_USE'), TrafficType]).optional(),
  /** An opt-out from one agent of a brand counts for all of its agents (RBM "Acceptable use policy"). */
  brand: z.string().min(1).optional(),
});
export type AgentProfile = z.infer<typeof AgentProfile>;

/** RBM's agents. Every agentId exists; a profile makes it special. */
export interface Agents {
  readonly configure: (agentId: string, profile: AgentProfile) => void;
  /** The type of a message. `missing`: the agent has no default, so create fails. undefined: nobody knows it. */
  readonly trafficTypeOf: (agentId: string, asked: string | undefined) => string | undefined;
  readonly brandOf: (agentId: string) => string;
}

export const bareAgentId = (agentId: string): string => agentId.replace(/@rbm\.goog$/, '');

export function createAgents(profiles: Readonly<Record<string, AgentProfile>>): Agents {
  const known = new Map<string, AgentProfile>(
    Object.entries(profiles).map(([agentId, profile]) => [bareAgentId(agentId), profile]),
  );
  return {
    configure(agentId, profile) {
      known.set(bareAgentId(agentId), profile);
    },
    trafficTypeOf(agentId, asked) {
      if (asked !== undefined && asked !== 'MESSAGE_TRAFFIC_TYPE_UNSPECIFIED') return asked;
      const useCase = known.get(agentId)?.useCase;
      return useCase === 'MULTI_USE' ? 'missing' : useCase;
    },
    brandOf: (agentId) => known.get(bareAgentId(agentId))?.brand ?? bareAgentId(agentId),
  };
}
