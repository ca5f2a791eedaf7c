import type { DeliveryHandle } from '../../src/client/delivery-handle.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { MessageDeliveryResult } from '../../src/contract/status.js';
import type { Simulator } from '../simulator/simulator.js';
import type { Output } from '../terminal/progress.js';
import { table } from './table.js';
import { titleOf } from './title.js';
import { agrees, phoneGot } from './verdict.js';

/** A delivery that the demo has started. */
export interface Started {
  /** Its line in the file of messages. */
  readonly line: number;
  readonly input: MessageDeliveryInput;
  readonly handle: DeliveryHandle;
}

export interface ReportOptions {
  readonly started: readonly Started[];
  readonly simulator: Simulator;
  readonly out: Output;
}

/** Prints each outcome beside what the phone really got. Resolves with true if all agree. */
export async function report({ started, simulator, out }: ReportOptions): Promise<boolean> {
  const results = await Promise.all(started.map(({ handle }) => handle.outcome()));
  const verdicts = started.map(({ line, input }, index) => {
    const result = results[index] as MessageDeliveryResult;
    const truth = simulator.truthFor(input.messageId);
    return { line, title: titleOf(input), outcome: result.outcome, got: phoneGot(truth), ok: agrees(result, truth) };
  });
  out.write(`\n${verdictTable(verdicts, out.isTTY === true && out.columns > 0 ? out.columns : Infinity)}\n`);
  const agreeing = verdicts.filter(({ ok }) => ok).length;
  out.write(`\n${String(agreeing)} of ${String(verdicts.length)} deliveries agree with what the phone really got.\n`);
  return agreeing === verdicts.length;
}

export interface Verdict {
  readonly line: number;
  readonly title: string;
  readonly outcome: string;
  readonly got: string;
  readonly ok: boolean;
}

/** One line per verdict. If it would be wider than `columns`, what the phone does is cut. */
export function verdictTable(verdicts: readonly Verdict[], columns: number): string {
  const head = ['line', 'the phone', 'outcome', 'phone got', 'agree'];
  const rows = verdicts.map(({ line, title, outcome, got, ok }) => [
    ...[String(line), title, outcome, got, ok ? '✓' : '✗ DISAGREES'],
  ]);
  return table(head, rows, { columns, flexible: head.indexOf('the phone') });
}
