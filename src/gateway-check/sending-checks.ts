import { SECOND } from '../contract/duration.js';
import { backoff } from '../domain/backoff.js';
import type { Finding } from './checks.js';
import { inWords, isOpen, isThrottled, type Attempt, type Gateway } from './gateway.js';
import { nextPostSent } from './post-sent.js';
import { asRepeat, type TestSms } from './test-sms.js';

export interface SendingTools {
  readonly gateway: Gateway;
  /** Rejects when the person interrupts the command. */
  readonly pause: (ms: number) => Promise<void>;
  /** Resolves when the connection of a request is to be cut. Default: as soon as it has been sent. */
  readonly cutMoment?: (() => Promise<void>) | undefined;
}

const finding = (holds: boolean, found: string): Finding => ({ holds, found });

/** Under the key of the SMS that is accepted later: a refusal must not be remembered. */
export const askWithWrongToken = (tools: SendingTools, sms: TestSms): Promise<Attempt> =>
  unthrottled(tools, () => tools.gateway.ask(sms, { token: 'a-wrong-token-of-check-gateway' }));

/** Any status will do. */
export function checkReachable(answer: Attempt): Finding {
  const holds = answer.accepted || answer.error.httpStatus !== undefined;
  return finding(holds, holds ? 'the gateway answers' : inWords(answer));
}

export function checkWrongToken(answer: Attempt): Finding {
  const holds = !answer.accepted && [401, 403].includes(answer.error.httpStatus ?? 0) && isOf('account', answer);
  return finding(holds, `a wrong token: ${inWords(answer)}`);
}

export async function checkWrongNumber(tools: SendingTools, sms: TestSms): Promise<Finding> {
  const answer = await unthrottled(tools, () => tools.gateway.ask(sms));
  return finding(isOf('recipient', answer), `a wrong number: ${inWords(answer)}`);
}

const isOf = (reason: string, answer: Attempt): boolean => !answer.accepted && answer.error.reason === reason;

/** Also returns the answer, whose id a repeat must get. */
export async function checkAccepted(
  tools: SendingTools,
  sms: TestSms,
): Promise<{ readonly answer: Attempt; readonly finding: Finding }> {
  const answer = await unthrottled(tools, () => tools.gateway.ask(sms));
  const found = answer.accepted && answer.id === '' ? '2xx, without a usable id' : inWords(answer);
  return { answer, finding: finding(answer.accepted && answer.id !== '', found) };
}

/** `first`: the answer to the request that is repeated. */
export async function checkRepeat(tools: SendingTools, sms: TestSms, first: Attempt): Promise<Finding> {
  return sameId([first, await untilSettled(tools, asRepeat(sms))]);
}

export async function checkTwoAtOnce(tools: SendingTools, sms: TestSms): Promise<Finding> {
  const { gateway } = tools;
  const answers = await Promise.all([gateway.ask(sms), gateway.ask(sms)]);
  const settled = answers.filter((answer) => !isOpen(answer));
  return sameId(settled.length === answers.length ? settled : [...settled, await untilSettled(tools, asRepeat(sms))]);
}

/** Shows only whether the gateway recovers: the id of a lost answer is not known. */
export async function checkLostAnswer(tools: SendingTools, sms: TestSms): Promise<Finding> {
  const { gateway, cutMoment = nextPostSent } = tools;
  const connection = new AbortController();
  const cut = cutMoment();
  const first = gateway.ask(sms, { cut: connection.signal });
  await Promise.race([cut, first]);
  connection.abort();
  const lost = await first;
  const repeats = [await untilSettled(tools, asRepeat(sms)), await untilSettled(tools, asRepeat(sms))];
  if (isOpen(lost)) return sameId(repeats);
  const found = sameId([lost, ...repeats]);
  return found.holds ? { ...found, found: 'not seen: the answer came before the cut' } : found;
}

export async function checkShortValidity(tools: SendingTools, sms: TestSms): Promise<Finding> {
  const answer = await unthrottled(tools, () => tools.gateway.ask(sms));
  return finding(answer.accepted, `validitySeconds 1: ${inWords(answer)}`);
}

export function checkAnswerTime({ gateway }: SendingTools, timeoutMs: number): Finding {
  const slowest = Math.ceil(gateway.slowest());
  const inSeconds = (ms: number) => `${(ms / SECOND).toFixed(2)} s`;
  return finding(slowest < timeoutMs, `the slowest answer took ${inSeconds(slowest)} of ${inSeconds(timeoutMs)}`);
}

/** How often an answer is asked for that the gateway does not give yet. */
const MOST_REPEATS = 5;
const LONGEST_PAUSE = 10 * SECOND;

/** Asks again as the worker does, until the gateway accepts or refuses the SMS. */
const untilSettled = (tools: SendingTools, sms: TestSms): Promise<Attempt> =>
  repeatWhile(tools, isOpen, () => tools.gateway.ask(sms));

/** A gateway that allows few requests in a second is asked again, as the worker does. */
const unthrottled = (tools: SendingTools, ask: () => Promise<Attempt>): Promise<Attempt> =>
  repeatWhile(tools, isThrottled, ask);

async function repeatWhile(
  { pause }: SendingTools,
  isUnsettled: (answer: Attempt) => boolean,
  ask: () => Promise<Attempt>,
): Promise<Attempt> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if (answer.accepted || !isUnsettled(answer) || tries > MOST_REPEATS) return answer;
    const asked = answer.error.retryAfterMs ?? 0;
    await pause(Math.min(LONGEST_PAUSE, Math.max(asked, backoff(tries, LONGEST_PAUSE))));
  }
}

/** Every answer must have accepted the SMS, under one id. */
function sameId(answers: readonly Attempt[]): Finding {
  const refused = answers.find(({ accepted }) => !accepted);
  if (refused !== undefined) return finding(false, `a repeat: ${inWords(refused)}`);
  const ids = answers.map((answer) => (answer.accepted ? answer.id : ''));
  if (ids.includes('')) return finding(false, '2xx, without a usable id');
  const different = new Set(ids).size;
  if (different > 1)
    return finding(false, `${String(different)} ids for one key: more than one SMS may have been sent`);
  return finding(true, 'every answer has the same id');
}
