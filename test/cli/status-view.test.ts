import { describe, expect, test } from 'vitest';
import { renderStatus } from '../../src/cli/status-view.js';
import type { DeliveryStatus } from '../../src/contract/status.js';

const now = Date.parse('2026-11-21T00:10:00.000Z');
const timeline = [
  { time: '2026-11-21T00:00:00.000Z', source: 'workflow', event: 'sendStarted' },
  { time: '2026-11-21T00:00:00.312Z', source: 'rbm', event: 'sendAnswered', detail: 'accepted' },
  { time: '2026-11-21T00:02:05.000Z', source: 'webhook', event: 'delivered' },
] as const;
const running: DeliveryStatus = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  startTime: '2026-11-21T00:00:00.000Z',
  status: 'AWAITING_DELIVERY',
  phase: 'AWAITING_DELIVERY',
  outcome: null,
  channel: 'RCS',
  expireTime: '2026-11-21T00:15:00.000Z',
  duplicate: false,
  next: { action: 'revoke', time: '2026-11-21T00:15:00.000Z' },
  evidence: timeline.slice(1),
  timeline,
};
const render = (status: DeliveryStatus, colour = false) => renderStatus({ status, now, colour });

describe('a status on one screen', () => {
  test('shows where a running delivery stands, and its next step', () => {
    expect(render(running)).toBe(
      [
        'AWAITING_DELIVERY',
        'delivery   message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
        'channel    RCS',
        'expires    2026-11-21T00:15:00.000Z (in 5m)',
        'next       revoke 2026-11-21T00:15:00.000Z (in 5m)',
        '',
        ' +0.0s  workflow  sendStarted',
        ' +0.3s  rbm       sendAnswered  accepted',
        '+2m 5s  webhook   delivered',
      ].join('\n'),
    );
  });

  test('shows the SMS and a duplicate', () => {
    const sms = {
      requestedTime: '',
      deadline: '',
      provider: 'http',
      providerMessageId: 'sms-1',
      lateness: '1.5s',
      validUntil: '',
    };
    const ended: DeliveryStatus = {
      ...running,
      status: 'DELIVERED',
      phase: null,
      outcome: 'DELIVERED',
      next: null,
      duplicate: true,
      sms: { accepted: 'yes', ...sms, receipt: 'DELIVERED' },
    };
    const text = render(ended);
    expect(text).toContain('sms        http, sms-1, receipt DELIVERED, 1.5s late');
    expect(text).toContain('duplicate  yes');
    expect(text).not.toContain('next');
    // The time is shown, but nothing expires any more.
    expect(text).toMatch(/^expiry +2026-11-21T00:15:00.000Z$/m);
    expect(render({ ...ended, outcome: 'REVOKED', channel: null })).toContain('channel    none');
  });

  test('shows what is known of an uncertain delivery', () => {
    const uncertainty = 'RBM accepted the message, which could not be revoked; no SMS was sent.';
    const text = render({
      ...running,
      status: 'UNCERTAIN',
      phase: null,
      outcome: 'UNCERTAIN',
      next: null,
      uncertainty,
    });
    expect(text.split('\n')).toContain(`known      ${uncertainty}`);
  });

  test('has colours only if asked for', () => {
    const escape = String.fromCharCode(27);
    expect(render(running)).not.toContain(escape);
    expect(render(running, true)).toContain(escape);
  });
});
