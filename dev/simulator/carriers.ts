import { z } from 'zod';
import { bareAgentId } from './agents.js';

/** RBM "AgentLaunchEvent.LaunchState". */
export const LaunchState = z.enum(['PENDING', 'LAUNCHED', 'REJECTED', 'SUSPENDED', 'UNLAUNCHED']);
export type LaunchState = z.infer<typeof LaunchState>;

/** A carrier and its numbers. A number belongs to the carrier with the longest prefix that fits. */
export const Carrier = z.strictObject({
  /** Such as `fi-rcs`, without `/v1/regions/`. */
  regionId: z.string().regex(/^[\w-]+$/),
  prefixes: z.array(z.string().regex(/^\+\d*$/)).min(1),
  /** The `carrier` in create's answer for a US number. */
  name: z.string().optional(),
});
export type Carrier = z.infer<typeof Carrier>;

/** The carriers, and on which of them each agent is launched. */
export interface Carriers {
  /** Adds a carrier, or replaces the one with that regionId. */
  readonly add: (carrier: Carrier) => void;
  readonly of: (phone: string) => Carrier | undefined;
  readonly launchState: (agentId: string, regionId: string) => LaunchState;
  readonly setLaunchState: (agentId: string, regionId: string, state: LaunchState) => void;
  /** Whether RBM takes the agent's messages to this number. True for a number of no carrier. */
  readonly isLaunched: (agentId: string, phone: string) => boolean;
}

export function createCarriers(list: readonly Carrier[]): Carriers {
  const carriers = new Map(list.map((carrier) => [carrier.regionId, carrier]));
  const states = new Map<string, LaunchState>();
  const keyOf = (agentId: string, regionId: string) => `${bareAgentId(agentId)}/${regionId}`;
  const fit = ({ prefixes }: Carrier, phone: string) =>
    Math.max(0, ...prefixes.filter((prefix) => phone.startsWith(prefix)).map(({ length }) => length));
  const of = (phone: string) =>
    [...carriers.values()]
      .filter((carrier) => fit(carrier, phone) > 0)
      .sort((one, other) => fit(other, phone) - fit(one, phone))[0];
  const launchState = (agentId: string, regionId: string) => states.get(keyOf(agentId, regionId)) ?? 'LAUNCHED';
  return {
    add(carrier) {
      carriers.set(carrier.regionId, carrier);
    },
    of,
    launchState,
    setLaunchState(agentId, regionId, state) {
      states.set(keyOf(agentId, regionId), state);
    },
    isLaunched(agentId, phone) {
      const carrier = of(phone);
      return carrier === undefined || launchState(agentId, carrier.regionId) === 'LAUNCHED';
    },
  };
}
