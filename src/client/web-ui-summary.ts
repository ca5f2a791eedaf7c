import type { MessageDeliveryInput } from '../contract/input.js';

/** What the Web UI shows of a delivery before it is opened, and beside its history. No number and no text. */
export function wordsFor(input: MessageDeliveryInput): {
  readonly staticSummary: string;
  readonly staticDetails: string;
} {
  const { agentId, messageTrafficType = 'message', ttl, expireTime = '', fallback, campaignId, revocation } = input;
  const time = ttl === undefined ? `at ${expireTime}` : `after ${ttl}`;
  const facts = [
    ['campaign', campaignId],
    ['taken back', `${time}, strategy ${revocation?.strategy ?? 'agent'}`],
    ['fallback', fallback === undefined ? 'none' : 'SMS'],
    ['when uncertain', fallback?.whenUncertain],
  ] as const;
  return {
    staticSummary: `${messageTrafficType} from ${agentId}: taken back ${time}${fallback === undefined ? '' : ', then SMS'}`,
    staticDetails: facts.flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${value}`])).join('\n'),
  };
}
