import { CHECKS, type Verdict } from '../gateway-check/checks.js';
import { createGateway } from '../gateway-check/gateway.js';
import { MOST_SMS, SMS_COUNT, type TestMessages, type TestSms } from '../gateway-check/test-sms.js';
import type { Paint } from './printer.js';

/** The narrowest usual terminal. */
const COLUMNS = 80;
const INDENT = 9;

const STYLES = { ok: 'green', failed: 'red', skipped: 'dim' } as const;
const WORDS = { ok: 'ok', failed: 'FAILED', skipped: 'skipped' } as const;

/** One line for each check, and what to do below one that failed. */
export function verdictText({ check, result, found }: Verdict, paint: Paint): string {
  const word = WORDS[result];
  const label = `${paint(STYLES[result], word)}${' '.repeat(INDENT - word.length)}${check.padEnd(17)}`;
  const [first = '', ...rest] = folded(found, COLUMNS - INDENT - 17);
  const line = [`${label} ${first}`.trimEnd(), ...rest.map((more) => `${' '.repeat(INDENT + 18)}${more}`)];
  if (result !== 'failed') return line.join('\n');
  const { must, risk, change } = CHECKS[check];
  const texts = [`A gateway that conforms ${must}.`, risk, `To do: ${change}`];
  return [...line, ...texts.flatMap((text) => folded(text, COLUMNS - INDENT).map(indented))].join('\n');
}

const indented = (line: string): string => `${' '.repeat(INDENT)}${line}`;

/** Breaks a text into lines of fewer than `width` characters, at its spaces. */
function folded(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A request that the checks make. */
export interface PlannedRequest {
  readonly check: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const MASKS = { token: '$SMS_HTTP_TOKEN', to: '(the number of --to)', from: '(the sender of --from)' };

/** The request of each SMS, as the worker's own code makes it. Numbers and the token are not shown. */
export async function plannedRequests(
  config: { readonly url: string; readonly token: string },
  messages: TestMessages,
): Promise<readonly PlannedRequest[]> {
  const requestOf = async (check: string, sms: TestSms): Promise<PlannedRequest> => {
    const made: RequestInit[] = [];
    const fetch = (_: unknown, init: RequestInit = {}) => {
      made.push(init);
      return Promise.resolve(new Response('{"id": "1"}'));
    };
    await createGateway({ ...config, fetch, signal: new AbortController().signal }).ask(sms);
    const { headers, body } = made[0] ?? {};
    const json = JSON.parse(typeof body === 'string' ? body : '{}') as Record<string, unknown>;
    return {
      check,
      headers: { ...(headers as Record<string, string>), authorization: `Bearer ${MASKS.token}` },
      body: {
        ...json,
        ...(check !== 'wrong-number' && { to: MASKS.to }),
        ...('from' in json && { from: MASKS.from }),
      },
    };
  };
  return Promise.all([
    requestOf('wrong-number', messages.wrongNumber),
    requestOf('accepted', messages.accepted),
    requestOf('two-at-once', messages.twoAtOnce),
    requestOf('lost-answer', messages.lostAnswer),
    requestOf('short-validity', messages.shortValidity),
  ]);
}

const TIMES = {
  'wrong-number': 'once',
  accepted: 'with a wrong token, then with the right one, then again',
  'two-at-once': 'twice at the same time',
  'lost-answer': 'the connection is cut before the answer, then twice again',
  'short-validity': 'once',
} as const;

export function planText(requests: readonly PlannedRequest[]): string {
  return [
    `Nothing was sent. With --yes these requests are sent. A gateway that conforms`,
    `sends ${String(SMS_COUNT)} SMS to the number of --to; one that does not may send more, ${String(MOST_SMS)} as a rule.`,
    ...requests.flatMap(({ check, headers, body }) => [
      '',
      `${check}: ${TIMES[check as keyof typeof TIMES]}`,
      ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
      ...Object.entries(body).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`),
    ]),
  ].join('\n');
}
