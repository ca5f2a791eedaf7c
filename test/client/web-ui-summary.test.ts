import { expect, test } from 'vitest';
import { webUiSummary } from '../../src/client/web-ui-summary.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';

const MESSAGE: MessageDeliveryInput = {
  agentId: 'demo-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
};

test('says what happens to the message if it is not delivered, without its text and number', () => {
  const summary = webUiSummary({
    ...MESSAGE,
    messageTrafficType: 'AUTHENTICATION',
    campaignId: 'spring',
    ttl: '600s',
    fallback: { sms: { text: 'Your code is 482913' }, whenUncertain: 'send' },
  });
  expect(summary).toEqual({
    staticSummary: 'AUTHENTICATION, demo-agent. If not delivered in 10 min: revoke, then SMS',
    staticDetails: [
      '- campaign: spring',
      '- expires: 10 min after the start',
      '- revocation strategy: agent',
      '- fallback: SMS',
      '- when uncertain: send',
    ].join('\n'),
  });
});

test('names the expireTime if there is one, and no SMS if there is no fallback', () => {
  const { staticSummary } = webUiSummary({ ...MESSAGE, expireTime: '2026-11-28T14:00:00Z' });
  expect(staticSummary).toBe('RCS message, demo-agent. If not delivered by 2026-11-28T14:00:00Z: revoke');
});

test.each([
  ['1.5s', '1.5 s'],
  ['90s', '90 s'],
  ['60s', '1 min'],
  ['5400s', '90 min'],
  ['7200s', '2 h'],
  ['86400s', '1 d'],
])('writes a ttl of %s as %s', (ttl, text) => {
  expect(webUiSummary({ ...MESSAGE, ttl }).staticSummary).toContain(`If not delivered in ${text}: revoke`);
});

test('a campaign that looks like a link is none', () => {
  const { staticDetails } = webUiSummary({ ...MESSAGE, ttl: '60s', campaignId: 'www.acme.example' });
  expect(staticDetails.split('\n')[0]).toBe('- campaign: `www.acme.example`');
});
