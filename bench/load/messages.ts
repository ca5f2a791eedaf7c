import type { StartInput } from '../../src/client/start-input.js';
import { NO_RCS_PREFIX } from '../fake/protocol.js';
import type { Random } from './random.js';

/** Makes inputs of deliveries. All random parts follow from the seed. */
export interface Messages {
  /** A one-time code with a fallback. */
  readonly code: (changes?: Partial<StartInput>) => StartInput;
  readonly promotion: (changes?: Partial<StartInput>) => StartInput;
  /** A number without RCS: the create is answered with 404. */
  readonly numberWithoutRcs: () => string;
}

const TEXT = 'Your code is 482913';

export function createMessages(random: Random): Messages {
  const digits = () => String(random.integer(10_000_000)).padStart(7, '0');
  const message = (changes: Partial<StartInput>): StartInput => ({
    agentId: 'bench-agent',
    messageId: random.uuid(),
    recipient: `+1555${digits()}`,
    contentMessage: { text: TEXT },
    fallback: { sms: { text: TEXT } },
    ...changes,
  });
  return {
    code: (changes = {}) => message({ messageTrafficType: 'AUTHENTICATION', ...changes }),
    promotion: (changes = {}) => message({ messageTrafficType: 'PROMOTION', campaignId: 'bench', ...changes }),
    numberWithoutRcs: () => `${NO_RCS_PREFIX}${digits()}`,
  };
}
