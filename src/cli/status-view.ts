import type { DeliveryStatus } from '../contract/status.js';
import { outcomeSentence, phaseSentence } from '../contract/words.js';
import type { PendingRequest } from '../temporal/pending-requests.js';
import { painter, printResult, type Paint, type Screen, type Style } from './printer.js';
import { oneLine } from './safe-text.js';
import { factsOf, type Fact } from './status-facts.js';
import type { Terminal } from './terminal.js';
import { timelineLines } from './timeline-view.js';
import { hanging, wrapped } from './wrap.js';

export function printStatus(terminal: Terminal, status: DeliveryStatus, json: boolean | undefined): void {
  printResult(terminal, { value: status, json, indent: 2, text: (screen) => renderStatus({ status, ...screen }) });
}

export interface RenderStatusOptions extends Screen {
  readonly status: DeliveryStatus;
  /** Undefined if it is not known. */
  readonly pending?: readonly PendingRequest[] | undefined;
  /** How the workflow closed without an outcome, such as `TERMINATED`. The status is then the last one. */
  readonly closedAs?: string;
}

/** One delivery as a card: what its status means, what is known of it, then its timeline. */
export function renderStatus({ status, pending = [], closedAs, ...screen }: RenderStatusOptions): string {
  const paint = painter(screen.colour);
  const facts = factLines(factsOf({ status, pending, closedAs, now: screen.now }), paint, screen.columns);
  return [
    paint(styleOf(status), closedAs === undefined ? status.status : `${closedAs} in ${status.status}`),
    ...wrapped(closedAs === undefined ? meaningOf(status) : NO_OUTCOME, screen.columns),
    '',
    ...facts,
    '',
    ...timelineLines(status.timeline, screen),
  ].join('\n');
}

const NO_OUTCOME = 'The workflow is closed without an outcome. Nothing more is done for this message.';

const meaningOf = (status: DeliveryStatus): string => oneLine(phaseSentence(status) ?? outcomeSentence(status) ?? '');

/** One paragraph per fact. A fact without a value is left out. */
export function factLines(facts: readonly Fact[], paint: Paint, columns: number): string[] {
  return facts.flatMap(([name, value]) => {
    if (value === undefined) return [];
    const [first = '', ...more] = hanging(name.padEnd(11), oneLine(value), columns);
    return [`${paint('dim', name)}${first.slice(name.length)}`, ...more];
  });
}

/** Green: delivered. Yellow: settled without proof of delivery, as intended. Red: needs attention. Bold: running. */
export function styleOf({ outcome }: Pick<DeliveryStatus, 'outcome'>): Style {
  switch (outcome) {
    case 'DELIVERED':
    case 'DELIVERED_BY_SMS':
      return 'green';
    case 'SENT_BY_SMS':
    case 'REVOKED':
    case 'CANCELLED':
    case 'SUPPRESSED':
      return 'yellow';
    case 'UNCERTAIN':
    case 'UNDELIVERABLE':
      return 'red';
    case null:
      return 'bold';
  }
}
