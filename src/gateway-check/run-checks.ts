import { REQUEST_TIMEOUT } from '../domain/late.js';
import { CHECKS, type CheckName, type Finding, type Verdict } from './checks.js';
import { createGateway, type GatewayOptions } from './gateway.js';
import { bareReference, receiptFindings, waitForReceipts } from './receipt-checks.js';
import { listenForReceipts, type ReceiptListener } from './receipt-listener.js';
import * as check from './sending-checks.js';
import type { TestMessages, TestSms } from './test-sms.js';

export interface ReceiptOptions {
  readonly port: number;
  readonly secrets: readonly string[];
  /** How long the receipts may take. Milliseconds. */
  readonly timeoutMs: number;
  /** See {@link waitForReceipts}. Milliseconds. */
  readonly settleMs: number;
  /** Called when the port is open. */
  readonly onListening?: ((port: number) => void) | undefined;
}

export interface CheckOptions extends GatewayOptions {
  readonly messages: TestMessages;
  readonly pause: check.SendingTools['pause'];
  readonly cutMoment?: check.SendingTools['cutMoment'];
  /** Undefined: receipts are not checked. */
  readonly receipts?: ReceiptOptions | undefined;
}

/** Makes the checks one after another. Throws if the signal aborts, or if the port for receipts can't be listened on. */
export async function* runChecks(options: CheckOptions): AsyncGenerator<Verdict> {
  const { messages, receipts } = options;
  const keys = new Set(Object.values(messages).map(({ key }: TestSms) => bareReference(key)));
  const isOurs = (reference: string): boolean => keys.has(bareReference(reference));
  const listener = receipts && (await listenForReceipts({ ...receipts, isOurs }));
  try {
    if (listener !== undefined) receipts?.onListening?.(listener.port);
    const accepted = yield* sendingChecks(options);
    yield* receiptVerdicts(options, listener, accepted);
  } finally {
    await listener?.stop();
  }
}

/** Returns the keys of the SMS for which a receipt is due. */
async function* sendingChecks(options: CheckOptions): AsyncGenerator<Verdict, readonly string[]> {
  const { messages, timeoutMs = REQUEST_TIMEOUT } = options;
  const tools = { ...options, gateway: createGateway(options) };
  const due: TestSms[] = [];
  const passed = (name: CheckName, finding: Finding, sms?: TestSms): Verdict => {
    if (finding.holds && sms !== undefined) due.push(sms);
    return { check: name, result: finding.holds ? 'ok' : 'failed', found: finding.found };
  };

  const refusal = await check.askWithWrongToken(tools, messages.accepted);
  const reachable = check.checkReachable(refusal);
  yield passed('reachable', reachable);
  if (!reachable.holds) {
    const others = NAMES.filter((name) => name !== 'reachable' && !isOfReceipts(name));
    for (const name of others) yield skipped(name, 'it needs the check reachable');
    return [];
  }
  yield passed('wrong-token', check.checkWrongToken(refusal));
  yield passed('wrong-number', await check.checkWrongNumber(tools, messages.wrongNumber));
  const { answer, finding } = await check.checkAccepted(tools, messages.accepted);
  yield passed('accepted', finding, messages.accepted);
  const repeated = finding.holds ? await check.checkRepeat(tools, messages.accepted, answer) : undefined;
  yield repeated === undefined ? skipped('repeat', NEEDS_ACCEPTED) : passed('repeat', repeated);
  if (repeated?.holds === true) {
    yield passed('two-at-once', await check.checkTwoAtOnce(tools, messages.twoAtOnce), messages.twoAtOnce);
    yield passed('lost-answer', await check.checkLostAnswer(tools, messages.lostAnswer), messages.lostAnswer);
  } else {
    yield skipped('two-at-once', NEEDS_REPEAT);
    yield skipped('lost-answer', NEEDS_REPEAT);
  }
  if (answer.accepted) {
    const short = messages.shortValidity;
    yield passed('short-validity', await check.checkShortValidity(tools, short), short);
  } else yield skipped('short-validity', NEEDS_ACCEPTED);
  yield passed('answer-time', check.checkAnswerTime(tools, timeoutMs));
  return due.map(({ key }) => bareReference(key));
}

const NAMES = Object.keys(CHECKS) as CheckName[];
const isOfReceipts = (name: CheckName): boolean => name.startsWith('receipt-');

/** Further SMS would show nothing more. */
const NEEDS_ACCEPTED = 'it needs the check accepted';
const NEEDS_REPEAT = 'it needs the check repeat';

const skipped = (name: CheckName, found: string): Verdict => ({ check: name, result: 'skipped', found });

async function* receiptVerdicts(
  { receipts, pause, signal }: CheckOptions,
  listener: ReceiptListener | undefined,
  keys: readonly string[],
): AsyncGenerator<Verdict> {
  if (listener === undefined || receipts === undefined || keys.length === 0) {
    const why = listener === undefined ? 'without --receipts-port' : 'no SMS was accepted';
    for (const name of NAMES.filter(isOfReceipts)) yield skipped(name, why);
    return;
  }
  await waitForReceipts({ ...receipts, listener, keys, pause, signal });
  for (const [name, finding] of receiptFindings(listener, keys)) {
    if (finding === 'skipped') yield skipped(name, 'no receipt came');
    else yield { check: name, result: finding.holds ? 'ok' : 'failed', found: finding.found };
  }
}
