import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PhoneBehaviour, PresetName } from './phone-behaviour.js';
import type { Phones } from './phones.js';
import type { Truth } from './truth.js';

const ScriptRequest = z.strictObject({
  phone: z.string().regex(/^\+[1-9]\d{6,14}$/),
  behaviour: z.union([PresetName, z.record(z.string(), z.unknown())]),
});

/** Registers the simulator's own endpoints: health, what phones really got, and how phones behave. */
export function registerControlApi(
  app: FastifyInstance,
  deps: { readonly phones: Phones; readonly truth: Truth },
): void {
  const { phones, truth } = deps;
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));

  app.get<{ Querystring: { phone?: string; messageId?: string } }>('/__simulator/truth', (request, reply) => {
    const { phone, messageId } = request.query;
    if (messageId !== undefined) return reply.send(truth.of(messageId));
    if (phone !== undefined) return reply.send(truth.phone(phone.replace(/^ /, '+')));
    return reply.send(truth.whole());
  });

  app.post<{ Body: string | null }>('/__simulator/phones', (request, reply) => {
    const { phone, behaviour } = ScriptRequest.parse(JSON.parse(request.body ?? ''));
    phones.script(phone, typeof behaviour === 'string' ? behaviour : PhoneBehaviourJson.parse(behaviour));
    return reply.code(204).send();
  });
}

/** Validates a behaviour and leaves it as it was written. */
const PhoneBehaviourJson = z.custom<z.input<typeof PhoneBehaviour>>((value) => PhoneBehaviour.safeParse(value).success);
