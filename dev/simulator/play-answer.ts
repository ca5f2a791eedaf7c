import type { FastifyReply } from 'fastify';
import type { Clock } from './clock.js';
import { sleep } from './clock.js';
import type { Answer } from './scripted-answer.js';
import type { Call } from './truth.js';

/** The HTTP answer that the simulator's state calls for. */
export interface Outcome {
  readonly status: number;
  readonly body: unknown;
  /** Whether the call changed something. */
  readonly tookEffect: boolean;
}

export interface PlayInput {
  readonly answer: Answer;
  readonly call: Call;
  readonly reply: FastifyReply;
  readonly clock: Clock;
  readonly timeScale: number;
  /** Changes the state. Called at most once, and only if the answer takes effect. */
  readonly effect: () => Outcome;
  readonly errorBody: (status: number, code: number | undefined, reason: string | undefined) => unknown;
}

/** Carries out a scripted answer: its effect, its answer or network fault, each at its time. */
export async function playAnswer(input: PlayInput): Promise<FastifyReply> {
  const { answer, clock, timeScale } = input;
  const effectMs = answer.effectDelayMs * timeScale;
  const { reply: kind } = answer;
  if (!answer.takesEffect) {
    await sleep(clock, answer.delayMs * timeScale);
    return send(input, undefined);
  }
  if (kind.kind === 'hang' || kind.kind === 'reset') {
    const effect = sleep(clock, effectMs).then(() => act(input));
    if (effectMs === 0) await effect;
    await sleep(clock, answer.delayMs * timeScale);
    return send(input, undefined);
  }
  await sleep(clock, effectMs);
  const outcome = act(input);
  await sleep(clock, answer.delayMs * timeScale - effectMs);
  return send(input, outcome);
}

function act({ effect, call }: PlayInput): Outcome {
  const outcome = effect();
  call.tookEffect = outcome.tookEffect;
  return outcome;
}

function send(input: PlayInput, outcome: Outcome | undefined): FastifyReply {
  const { answer, call, reply, clock, errorBody } = input;
  const scripted = answer.reply;
  call.answeredAt = clock.now();
  switch (scripted.kind) {
    case 'natural':
      call.answer = outcome?.status ?? 200;
      return reply.code(call.answer).send(outcome?.body ?? {});
    case 'status': {
      call.answer = scripted.status;
      if (scripted.retryAfter !== undefined) reply.header('retry-after', scripted.retryAfter);
      const fits = outcome !== undefined && outcome.status < 300 && scripted.status < 300;
      if (fits) return reply.code(scripted.status).send(outcome.body);
      const { status, code, reason } = scripted;
      return reply.code(status).send(status < 300 ? {} : errorBody(status, code, reason));
    }
    case 'html':
      call.answer = scripted.status;
      return reply
        .code(scripted.status)
        .type('text/html; charset=UTF-8')
        .send(`<!DOCTYPE html><html lang=en><title>Error ${scripted.status}</title><p>That’s an error.</html>`);
    case 'hang':
      call.answer = 'hang';
      return reply.hijack();
    case 'reset':
      call.answer = 'reset';
      reply.raw.socket?.resetAndDestroy();
      return reply.hijack();
    case 'truncated':
      call.answer = 'truncated';
      return truncate(reply, outcome?.status ?? 200, JSON.stringify(outcome?.body ?? {}));
  }
}

/** Sends fewer bytes than the content-length promises. */
function truncate(reply: FastifyReply, status: number, body: string): FastifyReply {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(status, { 'content-type': 'application/json', 'content-length': String(body.length + 64) });
  raw.write(body.slice(0, Math.ceil(body.length / 2)), () => raw.socket?.destroy());
  return reply;
}
