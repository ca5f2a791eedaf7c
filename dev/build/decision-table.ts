import { SECOND } from '../../src/contract/duration.js';
import { POLICY_DEFAULTS } from '../../src/contract/policy.js';
import { decide } from '../../src/domain/decide.js';
import { deliveryFrom, type Delivery } from '../../src/domain/delivery.js';
import { planFor, type Instant } from '../../src/domain/plan.js';
import type { Decision } from '../../src/domain/step.js';
import { EXPIRY, SITUATIONS, START, type Situation } from './decision-situations.js';

/** Traffic types whose defaults differ, and a message without fallback. */
const COLUMNS = [
  { title: '`send`', input: { messageTrafficType: 'AUTHENTICATION', fallback: { sms: { text: 'x' } } } },
  { title: '`hold`', input: { messageTrafficType: 'PROMOTION', fallback: { sms: { text: 'x' } } } },
  { title: 'no fallback', input: { messageTrafficType: 'AUTHENTICATION' } },
] as const;

function deliveryOf(input: (typeof COLUMNS)[number]['input'], situation: Situation): Delivery {
  const message = {
    agentId: 'a',
    messageId: '',
    recipient: '',
    contentMessage: {},
    ttl: '60s',
    revocation: { strategy: situation.strategy ?? ('agent' as const) },
    ...input,
  };
  const evidence = situation.evidence.flatMap(([at, ...findings]) =>
    findings.map((finding) => ({ at: EXPIRY + at * SECOND, ...finding })),
  );
  return deliveryFrom(planFor(message, START), evidence);
}

function inWords(decision: Decision): string {
  if ('outcome' in decision) return `**${decision.outcome}**`;
  const { step } = decision;
  switch (step.do) {
    case 'wait':
      return step.until === null ? 'wait for its end' : `wait until ${relative(step.until)}`;
    case 'send':
      return 'create';
    case 'revoke':
      return 'DELETE';
    case 'sendSms':
      return 'send the SMS';
    case 'stopSending':
      return 'stop creating';
    case 'lookBack':
      return 'look back';
    case 'giveUpAcceptance':
      return 'give up on RBM';
    case 'stopSms':
      return 'call the SMS off';
    case 'reconcileSms':
      return 'ask the provider';
  }
}
const relative = (until: Instant) => {
  const seconds = (until - EXPIRY) / SECOND;
  return seconds === 0 ? 'expiry' : `expiry ${seconds < 0 ? '−' : '+'} ${String(Math.abs(seconds))} s`;
};

/** docs/decision-table.md: what `decide` returns in each situation. */
export function decisionTable(): string {
  const { strategy } = POLICY_DEFAULTS;
  const [grace, budget, holdTimeout] = (['grace', 'budget', 'holdTimeout'] as const).map((name) => {
    return POLICY_DEFAULTS[name].replace(/s$/, ' s');
  });
  const rows = SITUATIONS.map((situation) => {
    const { known, evidence, now } = situation;
    const cells = COLUMNS.map(({ input }) => {
      const { facts, plan } = deliveryOf(input, situation);
      const smsAsked = evidence.some(([, ...findings]) => findings.some(({ kind }) => kind === 'smsRequested'));
      return smsAsked && !('fallback' in input) ? '–' : inWords(decide(facts, plan, EXPIRY + now * SECOND));
    });
    return `| ${[known, relative(EXPIRY + now * SECOND), ...cells].join(' | ')} |`;
  });
  return [
    '# What is decided when',
    '',
    'Generated from `decide` in `src/domain` by `npm run generate`; a test fails when it is out of date. The message was sent 60 s',
    `before its expiry, with the default grace (${grace}), budget (${budget}) and timeouts (${holdTimeout}), and strategy \`${strategy}\` unless said.`,
    '`send` and `hold` are `fallback.whenUncertain`.',
    '',
    `| what is known | at | ${COLUMNS.map(({ title }) => title).join(' | ')} |`,
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
