import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readCheckGatewayConfig, type CheckGatewayConfig } from '../config/check-gateway-config.js';
import { SECOND } from '../contract/duration.js';
import { E164_PATTERN, SMS_SENDER_PATTERN } from '../contract/patterns.js';
import { CHECKS, type Verdict } from '../gateway-check/checks.js';
import { runChecks, type ReceiptOptions } from '../gateway-check/run-checks.js';
import { SMS_COUNT, testMessages } from '../gateway-check/test-sms.js';
import { readProxies } from '../http/proxies.js';
import { listenError } from '../roles/listen.js';
import { outgoingFetch } from '../roles/outgoing-fetch.js';
import { plannedRequests, planText, verdictText } from './check-gateway-view.js';
import { CommandFailedError, UsageError } from './errors.js';
import { painter, printJson, printLine, printNote, printResult, screenOf } from './printer.js';
import type { Terminal } from './terminal.js';

export interface CheckGatewayFlags {
  readonly to: string;
  readonly from?: string;
  readonly yes?: boolean;
  readonly receiptsPort?: number;
  readonly receiptsWait: number;
  readonly json?: boolean;
}

/** A delivery waits this long for a receipt that corrects another one. Milliseconds. */
const SETTLE = 10 * SECOND;

/** Makes the checks, or shows what they would send. Throws if one fails. */
export async function checkGateway(
  terminal: Terminal,
  url: string | undefined,
  flags: CheckGatewayFlags,
): Promise<void> {
  const config = readCheckGatewayConfig(terminal.environment, url);
  const { to, from } = phonesIn(flags);
  const receipts = receiptOptions(terminal, config, flags);
  for (const warning of config.warnings) printNote(terminal, `rcs-delivery: ${warning}`);
  const messages = testMessages({ to, from, run: randomBytes(2).toString('hex'), uuid: randomUUID });
  if (flags.yes !== true) {
    const requests = await plannedRequests(config, messages);
    const value = { dryRun: true, smsCount: SMS_COUNT, requests };
    printResult(terminal, { value, json: flags.json, indent: 2, text: () => planText(requests) });
    return;
  }
  const signal = terminal.shutdownSignal();
  const { fetch, pause } = tools(config, signal);
  const verdicts = await shown(
    terminal,
    { ...flags, signal },
    runChecks({ ...config, fetch, pause, signal, messages, receipts }),
  );
  throwUnlessAllHold(verdicts);
}

function tools(config: CheckGatewayConfig, signal: AbortSignal) {
  const fetch = outgoingFetch(config, readProxies(config.proxies));
  const pause = async (ms: number): Promise<void> => {
    await delay(ms, undefined, { signal });
  };
  return { fetch, pause };
}

/** Its errors repeat no number. */
function phonesIn({ to, from }: CheckGatewayFlags): { readonly to: string; readonly from?: string } {
  if (!E164_PATTERN.test(to)) throw new UsageError('--to must be an E.164 number, with + and country calling code');
  if (from === undefined) return { to };
  if (!SMS_SENDER_PATTERN.test(from)) {
    throw new UsageError('--from must be an E.164 number, a short code or an alphanumeric sender');
  }
  return { to, from };
}

function receiptOptions(
  terminal: Terminal,
  { webhookSecrets: secrets }: CheckGatewayConfig,
  { receiptsPort: port, receiptsWait }: CheckGatewayFlags,
): ReceiptOptions | undefined {
  if (port === undefined) return undefined;
  if (secrets === undefined) throw new UsageError('--receipts-port needs SMS_WEBHOOK_SECRET to check signatures');
  return {
    ...{ port, secrets, timeoutMs: receiptsWait * SECOND, settleMs: SETTLE },
    onListening: () => {
      printNote(terminal, `listening for receipts on port ${String(port)}, for ${String(receiptsWait)} s`);
    },
  };
}

/** Prints each verdict when it is there, or all of them as JSON. */
async function shown(
  terminal: Terminal,
  { json = false, signal }: Pick<CheckGatewayFlags, 'json'> & { readonly signal: AbortSignal },
  checks: AsyncGenerator<Verdict>,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const paint = painter(screenOf(terminal.stdout).colour);
  try {
    for await (const verdict of checks) {
      verdicts.push(verdict);
      if (!json) printLine(terminal, verdictText(verdict, paint));
    }
  } catch (error) {
    if (signal.aborted) throw new CommandFailedError('interrupted: not every check was made');
    throw listenError('--receipts-port', error);
  }
  if (json) printJson(terminal, { checks: verdicts.map(withTexts) }, 2);
  else if (isAllRequested(verdicts)) printLine(terminal, PHONE);
  return verdicts;
}

const withTexts = (verdict: Verdict) => ({ ...verdict, ...(verdict.result === 'failed' && CHECKS[verdict.check]) });

/** Nothing was left out, so the person must have every SMS. */
const isAllRequested = (verdicts: readonly Verdict[]): boolean =>
  verdicts.some(({ check, result }) => check === 'lost-answer' && result !== 'skipped');

const PHONE = `
Now look at the phone: it must have each of the SMS 1 to ${String(SMS_COUNT)} once. The last
one may be missing, because it is of use for a second only.`;

function throwUnlessAllHold(verdicts: readonly Verdict[]): void {
  const failed = verdicts.filter(({ result }) => result === 'failed').length;
  if (failed === 0) return;
  const skipped = verdicts.filter(({ result }) => result === 'skipped').length;
  const others = skipped === 0 ? '' : `, ${String(skipped)} skipped`;
  throw new CommandFailedError(`${String(failed)} of ${String(verdicts.length)} checks failed${others}`);
}
