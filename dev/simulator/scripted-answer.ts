import { z } from 'zod';
import { twilioStatus } from './twilio-errors.js';

/** `'1s'`, `'1.5s'`, `'250ms'` or a number of milliseconds. Parsed to milliseconds. */
export const Delay = z.union([
  z.number().min(0),
  z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s)$/, 'not a delay like "1s", "1.5s" or "250ms"')
    .transform((text) => (text.endsWith('ms') ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1000)),
]);

const NAMED = [
  'ok', // the answer that the state calls for
  'hang', // no effect, no answer
  'reset', // no effect, the connection is reset
  'acceptThenReset', // the call has its effect, the answer is lost
  'acceptThenHang', // the call has its effect, no answer
  'revokeThenReset', // the same two, named for a DELETE
  'revokeThenHang',
  'html502', // no effect, an HTML page from a proxy
  'truncated', // the call has its effect, the body breaks off
] as const;

/**
 * How one call is answered. A number is an HTTP status. A status below 300 means 'ok', but a DELETE is answered with it
 * whatever the state is. 404 on a DELETE leaves the message queued. 409 on a create has its effect, as if the message
 * had been accepted earlier. Every other status has no effect. The object form sets each part.
 */
export const ScriptedAnswer = z.union([
  z.enum(NAMED),
  z.number().int().min(200).max(599),
  z.strictObject({
    /** Time until the answer. */
    delay: Delay.optional(),
    /** Time until the effect. Default: 0, so the effect comes before a slow answer. */
    effectDelay: Delay.optional(),
    takesEffect: z.boolean().optional(),
    status: z.number().int().min(200).max(599).optional(),
    /** The Retry-After header: seconds or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    /** Twilio's error code. Without `status`, the code decides the status. */
    code: z.number().int().optional(),
    /** The `reason` in the error body of the `http` gateway. */
    reason: z.string().optional(),
    fault: z.enum(['hang', 'reset', 'html', 'truncated']).optional(),
  }),
]);

/** One answer, or a list with one answer per call, whose last one repeats. */
export const AnswerList = z.union([ScriptedAnswer.transform((answer) => [answer]), z.array(ScriptedAnswer).min(1)]);
export const AnswerScript = AnswerList.default(['ok']);

export type ScriptedAnswer = z.infer<typeof ScriptedAnswer>;
export type CallKind = 'create' | 'delete' | 'sms' | 'token';
export type SmsProviderName = 'twilio' | 'http';

/** What is sent. `natural` is the answer that the state calls for. */
type Reply =
  | { readonly kind: 'natural' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly code?: number;
      readonly reason?: string;
    }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'hang' | 'reset' | 'truncated' };

/** A scripted answer in its normal form. */
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

/** Brings an answer into its normal form. Never throws: every value that fits the schema has one. */
export function toAnswer(scripted: ScriptedAnswer, kind: CallKind): Answer {
  if (typeof scripted === 'string') return namedAnswer(scripted);
  if (typeof scripted === 'number') {
    if (scripted < 300 && kind !== 'delete') return namedAnswer('ok');
    return answer({ kind: 'status', status: scripted }, statusTakesEffect(scripted, kind));
  }
  const { delay = 0, effectDelay = 0, fault } = scripted;
  const status = statusOf(scripted);
  const reply = objectReply(scripted);
  const takesEffect =
    scripted.takesEffect ??
    (fault === undefined ? status === undefined || statusTakesEffect(status, kind) : fault === 'truncated');
  return { delayMs: delay, effectDelayMs: effectDelay, takesEffect, reply };
}

type ObjectAnswer = Extract<ScriptedAnswer, object>;

/** A code names its status, and a reason belongs to a refusal. */
function statusOf({ status, code, reason }: ObjectAnswer): number | undefined {
  if (status !== undefined) return status;
  if (code !== undefined) return twilioStatus(code);
  return reason === undefined ? undefined : 400;
}

function objectReply(scripted: ObjectAnswer): Reply {
  const { fault, retryAfter, code, reason } = scripted;
  const status = statusOf(scripted);
  if (fault === 'html') return { kind: 'html', status: status ?? 502 };
  if (fault !== undefined) return { kind: fault };
  if (status === undefined) return { kind: 'natural' };
  return {
    kind: 'status',
    status,
    ...(retryAfter === undefined ? {} : { retryAfter: String(retryAfter) }),
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
  };
}
