import { agentIn, type Agents } from '../contract/agents.js';
import type { StartInput } from './start-input.js';

/** The input with its agent's default messageTrafficType, if it names none and the agent has one. */
export function withDefaultTrafficType(given: StartInput, agents: Agents): StartInput {
  const { agentId, messageTrafficType } = given as { readonly [Field in keyof StartInput]?: unknown };
  // A caller without types may pass anything, and null counts as absent. The check names what is wrong.
  if ((messageTrafficType ?? undefined) !== undefined || typeof agentId !== 'string') return given;
  const byAgent = agentIn(agents, agentId)?.messageTrafficType;
  return byAgent === undefined ? given : { ...given, messageTrafficType: byAgent };
}
