import { z } from 'zod';
import type { Agents } from '../contract/agents.js';
import { parseAgents } from '../contract/parse-agents.js';
import { variable } from './variable.js';

/** Unset: no agent is known, so the webhook lets every agent's events through, and each agent gets the defaults. */
export const RBM_AGENTS = variable(z.string().transform(agentsOf).optional(), {
  description:
    'Your agents, the same list everywhere: only their events reach deliveries (by default all); `type` is the default ' +
    'messageTrafficType, `region` takes precedence over RBM_REGION, agents of one `brand` share their opt-outs.',
  must: "must be agents separated by commas: an agent's id, then type=, region= and brand= as needed",
});

function agentsOf(given: string, context: z.RefinementCtx): Agents {
  try {
    return parseAgents(given);
  } catch (error) {
    // The message names the agent and the attribute. Agents' ids are not secret, and it repeats no other value.
    const message = error instanceof TypeError ? `is wrong: ${error.message}` : '';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
}
