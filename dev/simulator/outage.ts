import { z } from 'zod';
import { createAnswerQueue } from './phones.js';
import type { Answer } from './scripted-answer.js';
import { AnswerList } from './scripted-answer.js';

/** What RBM answers to everybody, whatever the phone's script says. Absent: as usual. */
const Outage = z.strictObject({
  create: AnswerList.optional(),
  delete: AnswerList.optional(),
  /** The token endpoint. Tokens that were issued before are refused, so that nobody has one. */
  token: AnswerList.optional(),
});
export type OutageInput = z.input<typeof Outage>;

type Kind = keyof z.output<typeof Outage>;

/** A fault of all of RBM, which can be switched on and off. */
export interface RbmOutage {
  /** Replaces the outage. `{}` ends it. Throws a ZodError if it is not valid. */
  readonly set: (outage: OutageInput) => void;
  /** The answer of the outage. undefined: as usual. */
  readonly next: (kind: Kind) => Answer | undefined;
}

export function createOutage(initial: OutageInput, expireTokens: () => void): RbmOutage {
  let queues: Partial<Record<Kind, () => Answer>> = {};
  const set = (input: OutageInput) => {
    const outage = Outage.parse(input);
    queues = {};
    for (const kind of ['create', 'delete', 'token'] as const) {
      const answers = outage[kind];
      if (answers !== undefined) queues[kind] = createAnswerQueue(answers, kind);
    }
    if (outage.token !== undefined) expireTokens();
  };
  set(initial);
  return { set, next: (kind) => queues[kind]?.() };
}
