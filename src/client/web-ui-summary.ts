import { durationToMs, readableDuration } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { inMarkdown } from '../contract/markdown.js';
import { POLICY_DEFAULTS } from '../contract/policy.js';

/** What Temporal's Web UI shows of a delivery in its list and beside its history. Holds no phone number and no text. */
export function webUiSummary(input: MessageDeliveryInput): {
  readonly staticSummary: string;
  readonly staticDetails: string;
} {
  const { agentId, messageTrafficType = 'RCS message', ttl, expireTime = '', fallback, campaignId, revocation } = input;
  const facts = [
    ['campaign', campaignId && inMarkdown(campaignId)],
    ['expires', ttl === undefined ? `at ${expireTime}` : `${readableDuration(durationToMs(ttl))} after the start`],
    ['revocation strategy', revocation?.strategy ?? POLICY_DEFAULTS.strategy],
    ['fallback', fallback === undefined ? 'none' : 'SMS'],
    ['when uncertain', fallback?.whenUncertain],
  ] as const;
  const expiry = ttl === undefined ? `by ${expireTime}` : `in ${readableDuration(durationToMs(ttl))}`;
  const steps = fallback === undefined ? 'revoke' : 'revoke, then SMS';
  return {
    staticSummary: `${messageTrafficType}, ${inMarkdown(agentId)}. If not delivered ${expiry}: ${steps}`,
    staticDetails: facts.flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${value}`])).join('\n'),
  };
}
