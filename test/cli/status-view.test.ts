import { describe, expect, test } from 'vitest';
import { renderStatus, type RenderStatusOptions } from '../../src/cli/status-view.js';
import { wrapped } from '../../src/cli/wrap.js';
import type { DeliveryStatus, SmsSummary } from '../../src/contract/status.js';

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
const render = (status: DeliveryStatus, options: Partial<RenderStatusOptions> = {}) =>
  renderStatus({ status, now, colour: false, columns: 80, ...options });
const linesOf = (...args: Parameters<typeof render>) => render(...args).split('\n');
/** The paragraph of one fact, as one line. */
const fact = (name: string, ...args: Parameters<typeof render>) => {
  const lines = linesOf(...args);
  const at = lines.findIndex((line) => line.startsWith(name.padEnd(11)));
  if (at < 0) return undefined;
  const more = lines.slice(at + 1);
  const end = more.findIndex((line) => !line.startsWith(' '.repeat(11)));
  return [lines[at]?.slice(11), ...more.slice(0, end).map((line) => line.trim())].join(' ');
};
/** The sentences below the first line. */
const meaning = (status: DeliveryStatus) => {
  const lines = linesOf(status);
  return lines.slice(1, lines.indexOf('')).join(' ');
};
const settled: DeliveryStatus = {
  ...{ ...running, status: 'DELIVERED_BY_SMS', phase: null, outcome: 'DELIVERED_BY_SMS', channel: 'SMS', next: null },
  settledTime: '2026-11-21T00:02:05.000Z',
};
const sms: SmsSummary = {
  ...{ requestedTime: '2026-11-21T00:01:00.000Z', deadline: '', provider: 'http', providerMessageId: 'sms-1' },
  ...{ reason: 'unconfirmed', accepted: 'yes', lateness: '1.5s', validUntil: '' },
};

describe('a status on one screen', () => {
  test('shows where a running delivery stands, and its next step', () => {
    const full = { ...running, messageTrafficType: 'PROMOTION', campaignId: 'spring', smsFollows: true };
    expect(linesOf({ ...full, platformExpireTime: '2026-11-21T00:16:00.000Z' })).toEqual([
      'AWAITING_DELIVERY',
      'RBM accepted the message. There is no proof of delivery yet.',
      '',
      'delivery   message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
      'traffic    PROMOTION',
      'campaign   spring',
      'started    2026-11-21T00:00:00Z (10m ago)',
      'expires    2026-11-21T00:15:00Z (in 5m)',
      'channel    RCS',
      'RBM        will revoke it by itself at 00:16:00Z (in 6m)',
      'SMS        follows if the message is not delivered',
      'next       revoke at 00:15:00Z (in 5m), then SMS',
      '',
      '00:00:00Z   +0.0s  workflow  message sent to RBM',
      '00:00:00Z   +0.3s  rbm       answer to the message: accepted',
      '00:02:05Z  +2m 5s  webhook   DELIVERED: the phone has the RCS message',
    ]);
  });

  test('promises no SMS that hold may not send', () => {
    const waiting: DeliveryStatus = { ...running, smsFollows: true, smsNeedsConfirmation: true };
    expect(fact('SMS', waiting)).toBe('follows only after a confirmed revocation');
    expect(fact('next', waiting)).toMatch(/, then SMS once that is confirmed$/);
    const sending: DeliveryStatus = {
      ...{ ...waiting, status: 'SENDING', phase: 'SENDING' },
      next: { action: 'stopSending', time: '2026-11-21T00:15:00.000Z' },
    };
    expect(fact('SMS', sending)).toBe(
      'follows only after a confirmed revocation, or if RBM surely never had the message',
    );
    expect(fact('next', sending)).toMatch(/, then SMS if RBM surely does not have the message$/);
  });

  test('under hold, announces the next revocation and the end, and never a time that has passed', () => {
    const hold: DeliveryStatus = {
      ...{ ...running, status: 'REVOKING', phase: 'REVOKING', reason: 'expired', revocation: 'unconfirmed' },
      ...{ expireTime: '2026-11-21T00:05:00.000Z', platformExpireTime: '2026-11-21T00:06:00.000Z', smsFollows: true },
      smsNeedsConfirmation: true,
      next: {
        ...{ action: 'revoke', time: '2026-11-21T00:10:15.000Z', attempt: 11 },
        givesUp: { action: 'UNCERTAIN', time: '2026-11-21T01:05:00.000Z' },
      },
    };
    const lines = linesOf(hold);
    expect(lines).toContain('next       revoke again at 00:10:15Z (attempt 11); gives up at 01:05:00Z');
    expect(lines).toContain('expired    2026-11-21T00:05:00Z (5m ago)');
    expect(lines).toContain('RCS        The message had expired.');
    expect(lines).toContain('revocation not confirmed');
    expect(lines).toContain('SMS        follows only after a confirmed revocation');
    expect(fact('RBM', hold)).toBe('should have revoked it by itself at 00:06:00Z, but has not confirmed it');
    const late = { ...hold, next: { action: 'revoke', time: '2026-11-21T00:08:15.000Z', attempt: 11 } };
    expect(fact('next', late)).toBe('revoke again at 00:08:15Z (attempt 11): 1m 45s overdue, the workers are late');
    const send = { action: 'sendSms', time: '2026-11-21T00:11:00.000Z' };
    expect(fact('next', { ...hold, next: { ...late.next, time: '2026-11-21T00:10:15.000Z', givesUp: send } })).toBe(
      'revoke again at 00:10:15Z (attempt 11); SMS at the latest at 00:11:00Z',
    );
  });

  test.each([
    ['ttlExpirationRevoked', 'has revoked it by itself'],
    ['ttlExpirationRevokeFailed', 'could not revoke it by itself at 00:06:00Z'],
  ])("RBM's own revocation, after its event %s", (event, words) => {
    const entry = { time: '2026-11-21T00:06:00.000Z', source: 'webhook', event } as const;
    const platformExpireTime = '2026-11-21T00:06:00.000Z';
    expect(fact('RBM', { ...running, platformExpireTime, timeline: [...timeline, entry] })).toBe(words);
  });

  test('of other days shows the dates', () => {
    const lines = linesOf(running, { now: Date.parse('2026-11-22T00:10:00.000Z') });
    expect(lines.find((line) => line.startsWith('next'))).toContain('at 2026-11-21T00:15:00Z');
    const days = [...timeline, { time: '2026-11-22T00:00:00.000Z', source: 'webhook', event: 'read' } as const];
    expect(linesOf({ ...running, timeline: days }).at(-1)).toBe(
      '2026-11-22T00:00:00Z     +1d  webhook   READ: the person has read the message',
    );
  });

  test('shows the SMS, why it was requested and what became of it', () => {
    const status: DeliveryStatus = { ...settled, revocation: 'unconfirmed', sms: { ...sms, receipt: 'DELIVERED' } };
    const lines = linesOf(status);
    expect(lines.slice(0, 3)).toEqual([
      'DELIVERED_BY_SMS',
      'The phone has the SMS. RBM never confirmed the revocation, so the RCS message',
      'may come too.',
    ]);
    expect(lines).toContain('SMS        requested at 00:01:00Z, 1.5s late; accepted by http as sms-1');
    expect(lines).toContain('because    The revocation was not confirmed in time.');
    expect(lines).toContain('receipt    DELIVERED: it arrived');
    expect(lines).toContain('settled    2026-11-21T00:02:05Z (7m 55s ago, 2m 5s after the start)');
    // The time is shown, but nothing expires any more.
    expect(lines).toContain('expiry     2026-11-21T00:15:00Z');
    expect(fact('next', status)).toBeUndefined();
    expect(fact('channel', { ...settled, outcome: 'REVOKED', channel: null })).toBe('none');
  });

  test('says that the RCS message may come beside the SMS while the revocation goes on', () => {
    const status: DeliveryStatus = {
      ...running,
      status: 'REVOKING',
      phase: 'REVOKING',
      revocation: 'unconfirmed',
      sms,
    };
    expect(meaning({ ...status, sms: { ...sms, receipt: 'DELIVERED' } })).toBe(
      'The message is being revoked. That is not confirmed yet. The phone has the SMS. ' +
        'RBM has not confirmed the revocation, so the RCS message may come too.',
    );
    const before = meaning(status);
    expect(before).toContain('so the RCS message may come too');
    expect(before).not.toContain('The phone has the SMS');
    expect(render({ ...status, revocation: 'confirmed' })).not.toContain('may come too');
    expect(render({ ...status, sms: { ...sms, accepted: 'no' } })).not.toContain('may come too');
  });

  test('shows a duplicate', () => {
    expect(meaning({ ...settled, outcome: 'DELIVERED', duplicate: true })).toContain('both messages');
    expect(fact('duplicate', { ...running, duplicate: true })).toMatch(/^yes: .* both messages$/);
  });

  test('shows what is known of an uncertain delivery, wrapped between words', () => {
    const uncertainty =
      'RBM accepted the message, which could not be revoked; no SMS was sent. No revocation was confirmed within 1 h. ' +
      'If the person must have the text, send it another way: they may then get it twice.';
    const uncertain: DeliveryStatus = { ...settled, status: 'UNCERTAIN', outcome: 'UNCERTAIN', uncertainty };
    const lines = linesOf(uncertain);
    expect(meaning(uncertain)).toBe(uncertainty);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('a delivery that was terminated has no plans any more, but RBM has', () => {
    const status = { ...running, smsFollows: true, platformExpireTime: '2026-11-21T00:16:00.000Z' };
    const lines = linesOf(status, { closedAs: 'TERMINATED' });
    expect(lines.slice(0, 2)).toEqual(
      [
        'TERMINATED in AWAITING_DELIVERY',
        'The workflow is closed without an outcome. Nothing more is done for this message.',
      ]
        .flatMap((text) => wrapped(text, 80))
        .slice(0, 2),
    );
    expect([fact('next', status, { closedAs: 'TERMINATED' }), fact('SMS', status, { closedAs: 'TERMINATED' })]).toEqual(
      [undefined, undefined],
    );
    expect(lines).toContain('RBM        will revoke it by itself at 00:16:00Z (in 6m)');
  });

  test.each([80, 90])(
    'no line is wider than %i columns, and what continues a fact or an event is indented',
    (columns) => {
      const detail = `failed, may be queued: 503 ${'UNAVAILABLE '.repeat(9).trim()}`;
      const long = [
        ...timeline,
        { time: '2026-11-21T00:03:00.000Z', source: 'rbm', event: 'sendAnswered', detail } as const,
      ];
      const pending = [
        { activity: 'sendRcs', state: 'running', attempt: 3, worker: 'rcs-delivery-worker/0.1.0@host#4711' },
      ] as const;
      const lines = linesOf({ ...running, timeline: long }, { columns, pending });
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(lines.at(-1)).toMatch(/^ {29}\S/);
      expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain(
        'answer to the message: failed, may be queued (503 UNAVAILABLE',
      );
    },
  );

  test('has colours only if asked for', () => {
    const escape = String.fromCharCode(27);
    expect(render(running)).not.toContain(escape);
    expect(render(running, { colour: true })).toContain(escape);
  });
});
