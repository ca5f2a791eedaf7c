import type { SmsReason } from '../../src/contract/failures.js';
import { HTTP_STATUSES, TWILIO_STATUSES, type WordMeaning } from '../../src/sms/receipt-words.js';
import { CHECKS } from '../../src/gateway-check/checks.js';
import { causeOf } from '../../src/sms/sms-exchange.js';
import { TWILIO_CODES } from '../../src/sms/twilio-codes.js';

type Row = SmsReason | 'none';
type Table = Readonly<Record<Row, readonly string[]>>;

const AT_ONCE = 'the next provider at once';

/** What each reason means, and what happens then. `none`: the provider did not answer. */
const TEXTS: Readonly<Record<Row, readonly [meaning: string, consequence: string]>> = {
  recipient: ['the number cannot get an SMS', 'final for all providers'],
  optedOut: ["the person stopped this sender's SMS", 'final for all providers'],
  content: ['the text cannot be sent', 'final for all providers'],
  account: ['credentials, balance, permissions or configuration', AT_ONCE],
  sender: ['the sender cannot be used, or not for this number', AT_ONCE],
  unreachable: ['the request did not reach the provider', AT_ONCE],
  throttled: ['too many requests', 'the next provider after a few attempts'],
  none: ['it may have been sent', 'no other provider'],
};

/** Where the page says more about an SMS whose answer was lost. */
type Link = '#an-sms-whose-answer-was-lost' | 'sms-providers.md#an-sms-whose-answer-was-lost';

const NO_ANSWER = ['a timeout', 'a lost connection'];
const NO_CONNECTION = 'no connection, no TLS, no such host';

/** Twilio's codes, each a link whose title says what it is. */
const codesOf = (reason: Row): readonly string[] =>
  Object.entries(reason in TWILIO_CODES ? TWILIO_CODES[reason as keyof typeof TWILIO_CODES] : {}).map(
    ([code, title]) => `[${code}](https://www.twilio.com/docs/api/errors/${code} "${title}")`,
  );

/** The statuses that mean this: single ones first, then whole classes, then what is left of a class. */
function statusesOf(row: Row): readonly string[] {
  const classes = [3, 4, 5].map((digit) => {
    const all = Array.from({ length: 100 }, (_, index) => digit * 100 + index);
    const its = all.filter((status) => (causeOf(status).reason ?? 'none') === row);
    if (its.length === all.length) return [`${String(digit)}xx`];
    return its.length > all.length / 2 ? [`any other ${String(digit)}xx`] : its.map(String);
  });
  return classes.flat().toSorted((one, other) => Number(/x/.test(one)) - Number(/x/.test(other)));
}

const asks = (reason: Row): string => `\`{"reason": "${reason}"}\``;

const TWILIO: Table = {
  recipient: [...codesOf('recipient'), 'any other 21xxx', ...statusesOf('recipient')],
  optedOut: codesOf('optedOut'),
  content: codesOf('content'),
  account: [...codesOf('account'), ...statusesOf('account')],
  sender: [...codesOf('sender'), 'no sender at all'],
  unreachable: [NO_CONNECTION],
  throttled: [...codesOf('throttled'), ...statusesOf('throttled')],
  none: [...statusesOf('none'), ...NO_ANSWER],
};

const HTTP: Table = {
  recipient: [asks('recipient'), ...statusesOf('recipient')],
  optedOut: [asks('optedOut')],
  content: [asks('content')],
  account: [asks('account'), ...statusesOf('account')],
  sender: [asks('sender')],
  unreachable: [asks('unreachable'), NO_CONNECTION],
  throttled: [asks('throttled'), ...statusesOf('throttled')],
  none: [...statusesOf('none'), ...NO_ANSWER],
};

/** docs/sms-providers.md with its tables written again, each between two comments. */
export const withSmsTables = (page: string): string =>
  withTables('docs/sms-providers.md', page, {
    twilio: tableOf(TWILIO, '#an-sms-whose-answer-was-lost'),
    'twilio receipts': receiptsTable(TWILIO_STATUSES),
  });

/** The same for docs/sms-gateway.md. */
export const withGatewayTables = (page: string): string =>
  withTables('docs/sms-gateway.md', page, {
    statuses: statusTable(),
    reasons: tableOf(HTTP, 'sms-providers.md#an-sms-whose-answer-was-lost'),
    words: receiptsTable(HTTP_STATUSES),
    checks: checksTable(),
  });

/** What a status alone means for "at most one SMS", row by row from the safest to the one that depends on the key. */
function statusTable(): string {
  const statuses = (row: Row, ...more: readonly string[]) => [...statusesOf(row), ...more].join(', ');
  const rows = [
    ['2xx', 'accepted', 'requests it never again', 'holds, and none if the gateway sends none'],
    [
      statuses('recipient'),
      'refused for good',
      'requests it nowhere',
      'holds: no SMS, unless an earlier request is in doubt',
    ],
    [
      statuses('account'),
      'not sent',
      'asks the next provider at once',
      'holds if the gateway sent nothing: another provider sends it',
    ],
    [
      statuses('throttled'),
      'not sent, too many requests',
      'asks again, then the next provider',
      'holds if the gateway sent nothing: another provider sends it',
    ],
    [NO_CONNECTION, 'not sent', 'asks the next provider at once', 'holds: the gateway got nothing'],
    [statuses('none', ...NO_ANSWER), 'in doubt', 'repeats it at this gateway only', '**depends on the key alone**'],
  ];
  return markdown(['the answer', 'the worker takes it as', 'what it does', 'at most one SMS'], rows);
}

function checksTable(): string {
  const rows = Object.entries(CHECKS).map(([name, { must, risk, change }]) => [`\`${name}\``, must, risk, change]);
  return markdown(['check', 'the gateway', 'otherwise', 'what to change'], rows);
}

const MEANINGS: readonly (readonly [WordMeaning, string])[] = [
  ['DELIVERED', 'the phone has the SMS'],
  ['UNDELIVERED', 'it does not, and will not get it'],
  ['SENT', 'the SMS is on its way'],
  ['open', 'nothing is known yet: it changes nothing'],
];

function receiptsTable(words: Readonly<Record<string, WordMeaning>>): string {
  const rows = MEANINGS.map(([meaning, text]) => {
    const its = Object.keys(words).filter((word) => words[word] === meaning);
    return [its.map((word) => `\`${word}\``).join(', '), meaning === 'open' ? '–' : meaning, text];
  });
  return markdown(['word', 'counts as', 'what it means'], rows);
}

function tableOf(answers: Table, more: Link): string {
  const rows = (Object.keys(TEXTS) as Row[]).map((reason) => {
    const [meaning, consequence] = TEXTS[reason];
    const isNone = reason === 'none';
    const name = isNone ? '(no answer)' : `\`${reason}\``;
    return [name, meaning, isNone ? `${consequence} ([more](${more}))` : consequence, answers[reason].join(', ')];
  });
  return markdown(['reason', 'what it means', 'what happens', 'the answer'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const withTables = (path: string, page: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce((before, [name, table]) => withTable(path, before, name, table), page);

function withTable(path: string, page: string, name: string, table: string): string {
  const start = `<!-- Generated by \`npm run generate\`: ${name}. -->\n<!-- prettier-ignore-start -->`;
  const end = '<!-- prettier-ignore-end -->';
  const [before, rest] = page.split(start);
  const [, ...after] = rest?.split(end) ?? [];
  if (before === undefined || after.length === 0) throw new Error(`${path} needs the lines ${start} and ${end}`);
  return `${before}${start}\n\n${table}\n\n${end}${after.join(end)}`;
}
