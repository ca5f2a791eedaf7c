import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Agents } from './agents.js';
import { bareAgentId } from './agents.js';
import type { Carriers } from './carriers.js';
import { LaunchState } from './carriers.js';
import type { Clock } from './clock.js';
import type { PostEvent } from './webhook-sender.js';

/** A change of an agent's launch on one carrier. */
export const LaunchChange = z.strictObject({
  agentId: z.string().min(1),
  /** The carrier, with or without `/v1/regions/`. */
  regionId: z.string().min(1),
  newLaunchState: LaunchState,
  /** Default: the state until now, which is LAUNCHED at first. */
  oldLaunchState: LaunchState.optional(),
  actingParty: z.string().default('carrier'),
  comment: z.string().default(''),
});
export type LaunchChange = z.input<typeof LaunchChange>;

export interface LaunchEventsDeps {
  readonly clock: Clock;
  readonly agents: Agents;
  readonly carriers: Carriers;
  readonly post: PostEvent;
}

/**
 * Returns a function that changes an agent's launch and posts RBM's AgentLaunchEvent. Unless the new state is LAUNCHED,
 * create then answers 404 for the carrier's numbers. Throws a ZodError if the change is not valid.
 */
export function createLaunchEvents({ clock, agents, carriers, post }: LaunchEventsDeps) {
  return (input: LaunchChange): void => {
    const { agentId, regionId, newLaunchState, oldLaunchState, ...reason } = LaunchChange.parse(input);
    const agent = bareAgentId(agentId);
    const region = regionId.replace(/^\/?v1\/regions\//, '');
    const before = oldLaunchState ?? carriers.launchState(agent, region);
    carriers.setLaunchState(agent, region, newLaunchState);
    const brand = agents.brandOf(agent);
    post({
      eventId: `${agent}/${randomUUID()}`,
      agentId: `${agent}@rbm.goog`,
      botDisplayName: agent,
      brandId: brand,
      brandDisplayName: brand,
      regionId: `/v1/regions/${region}`,
      ...{ oldLaunchState: before, newLaunchState },
      ...reason,
      sendTime: new Date(clock.now()).toISOString(),
    });
  };
}
