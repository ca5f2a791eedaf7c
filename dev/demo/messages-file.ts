import { randomUUID } from 'node:crypto';
import { describeProblems, isObject } from '../../src/contract/check.js';
import { checkInput, type MessageDeliveryInput } from '../../src/contract/input.js';

const DEMO_AGENT = 'demo-agent';

export type MessageLine =
  | { readonly line: number; readonly input: MessageDeliveryInput }
  | { readonly line: number; readonly problem: string };

/** Reads JSON Lines. A bad line becomes a problem and does not stop the others. Empty lines are skipped. */
export function readMessages(text: string, now: number): MessageLine[] {
  return text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '')
    .map(({ content, line }) => readLine(content, line, now));
}

function readLine(content: string, line: number, now: number): MessageLine {
  const value = parsed(content);
  if (value === undefined) return { line, problem: 'is not JSON' };
  const filled = isObject(value) ? { agentId: DEMO_AGENT, messageId: randomUUID(), ...value } : value;
  const checked = checkInput(filled, now);
  return checked.ok ? { line, input: checked.input } : { line, problem: describeProblems(checked.problems) };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
