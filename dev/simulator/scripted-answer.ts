import { z } from 'zod';

/** `'1s'`, `'1.5s'`, `'250ms'`, or a number of milliseconds; read as milliseconds. */
export const Delay = z.union([
  z.number().min(0),
  z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s)$/, 'not a delay like "1s", "1.5s" or "250ms"')
    .transform((text) => (text.endsWith('ms') ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1000)),
]);

const NAMED = [
  'ok', // what the platform's state calls for
  'hang', // takes no effect, never answers
  'reset', // takes no effect, the connection is reset
  'acceptThenReset', // takes effect, the answer is lost
  'acceptThenHang', // takes effect, never answers
  'revokeThenReset', // the same two, in the words of a DELETE
  'revokeThenHang',
  'html502', // a front end's HTML page, takes no effect
  'truncated', // takes effect; a 200 whose body breaks off
] as const;

/**
 * How one call is answered. A number is an HTTP status. Below 300 it means 'ok', but on a DELETE 200 is answered whatever
 * the platform's state says; 404 on a DELETE leaves the message queued. 409 on a create takes effect (the message counts
 * as accepted earlier); every other status takes none. The object form states everything by itself.
 */
export const ScriptedAnswer = z.union([
  z.enum(NAMED),
  z.number().int().min(200).max(599),
  z.strictObject({
    /** Time until the answer. */
    delay: Delay.optional(),
    /** Time until the effect; at once by default, so an effect may precede a slow answer. */
    effectDelay: Delay.optional(),
    takesEffect: z.boolean().optional(),
    status: z.number().int().min(200).max(599).optional(),
    /** The Retry-After header, as it is: seconds or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    /** The provider's own error code (Twilio). */
    code: z.number().int().optional(),
    fault: z.enum(['hang', 'reset', 'html', 'truncated']).optional(),
  }),
]);

/** One answer, or a list consumed one per call whose last one repeats. */
export const AnswerScript = z
  .union([ScriptedAnswer.transform((answer) => [answer]), z.array(ScriptedAnswer).min(1)])
  .default(['ok']);

export type ScriptedAnswer = z.infer<typeof ScriptedAnswer>;
export type CallKind = 'create' | 'delete' | 'sms' | 'token';

/** The reply of an {@link Answer}; `natural` is whatever the state calls for. */
export type Reply =
  | { readonly kind: 'natural' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly code?: number }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'hang' | 'reset' | 'truncated' };

/** A scripted answer in its normal form. Times in milliseconds. */
export interface Answer {
  readonly delayMs: number;
  readonly effectDelayMs: number;
  readonly takesEffect: boolean;
  readonly reply: Reply;
}

const answer = (reply: Reply, takesEffect: boolean): Answer => ({ delayMs: 0, effectDelayMs: 0, takesEffect, reply });

const statusTakesEffect = (status: number, kind: CallKind) => status < 300 || (status === 409 && kind === 'create');

function namedAnswer(name: (typeof NAMED)[number]): Answer {
  switch (name) {
    case 'ok':
      return answer({ kind: 'natural' }, true);
    case 'hang':
    case 'reset':
      return answer({ kind: name }, false);
    case 'acceptThenReset':
    case 'revokeThenReset':
      return answer({ kind: 'reset' }, true);
    case 'acceptThenHang':
    case 'revokeThenHang':
      return answer({ kind: 'hang' }, true);
    case 'html502':
      return answer({ kind: 'html', status: 502 }, false);
    case 'truncated':
      return answer({ kind: 'truncated' }, true);
  }
}

/** @throws nothing: every value that the schema lets through has a normal form. */
export function toAnswer(scripted: ScriptedAnswer, kind: CallKind): Answer {
  if (typeof scripted === 'string') return namedAnswer(scripted);
  if (typeof scripted === 'number') {
    if (scripted < 300 && kind !== 'delete') return namedAnswer('ok');
    return answer({ kind: 'status', status: scripted }, statusTakesEffect(scripted, kind));
  }
  const { delay = 0, effectDelay = 0, status, fault } = scripted;
  const reply = objectReply(scripted);
  const takesEffect =
    scripted.takesEffect ??
    (fault === undefined ? status === undefined || statusTakesEffect(status, kind) : fault === 'truncated');
  return { delayMs: delay, effectDelayMs: effectDelay, takesEffect, reply };
}

function objectReply({ fault, status, retryAfter, code }: Extract<ScriptedAnswer, object>): Reply {
  if (fault === 'html') return { kind: 'html', status: status ?? 502 };
  if (fault !== undefined) return { kind: fault };
  if (status === undefined) return { kind: 'natural' };
  return {
    kind: 'status',
    status,
    ...(retryAfter === undefined ? {} : { retryAfter: String(retryAfter) }),
    ...(code === undefined ? {} : { code }),
  };
}
