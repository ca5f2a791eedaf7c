import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AgentProfile } from './agents.js';
import { Carrier } from './carriers.js';
import { PhoneBehaviour, PresetName } from './phone-behaviour.js';
import type { Simulator } from './running-simulator.js';

/** What the control API can do: the part of a simulator that scripts it and tells what happened. */
export type Controls = Pick<
  Simulator,
  | 'script'
  | 'bringOnline'
  | 'optOut'
  | 'postEvent'
  | 'changeLaunchState'
  | 'configureAgent'
  | 'addCarrier'
  | 'setOutage'
  | 'scriptSms'
  | 'setSmsConnections'
  | 'setDeleteReading'
  | 'groundTruth'
  | 'truthFor'
  | 'wholeTruth'
>;

const ScriptRequest = z.strictObject({
  phone: z.string().regex(/^\+[1-9]\d{6,14}$/),
  behaviour: z.union([PresetName, z.record(z.string(), z.unknown())]),
});
/** Validates a behaviour and leaves it as it was written. Throws a ZodError that names what is wrong. */
function behaviourIn(value: unknown): z.input<typeof PhoneBehaviour> {
  PhoneBehaviour.parse(value);
  return value as z.input<typeof PhoneBehaviour>;
}

const Online = z.strictObject({ phone: z.string() });
const AgentRequest = AgentProfile.extend({ agentId: z.string().min(1) });
const Connections = z.strictObject({
  provider: z.enum(['twilio', 'http']),
  connections: z.enum(['refused', 'accepted']),
});
const Reading = z.strictObject({ reading: z.enum(['new', 'old']) });
const Event = z.record(z.string(), z.unknown());

/** Registers the simulator's own endpoints: health, what phones really got, and how everything behaves. */
export function registerControlApi(app: FastifyInstance, simulator: Controls): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));

  app.get<{ Querystring: { phone?: string; messageId?: string } }>('/__simulator/truth', (request, reply) => {
    const { phone, messageId } = request.query;
    if (messageId !== undefined) return reply.send(simulator.truthFor(messageId));
    if (phone !== undefined) return reply.send(simulator.groundTruth(phone.replace(/^ /, '+')));
    return reply.send(simulator.wholeTruth());
  });

  /** Does what the body asks, and answers 204. A body that is not valid is answered 400. */
  const command = (name: string, carryOut: (body: unknown) => unknown) => {
    app.post<{ Body: string | null }>(`/__simulator/${name}`, async (request, reply) => {
      await carryOut(JSON.parse(request.body ?? ''));
      return reply.code(204).send();
    });
  };
  command('phones', (body) => {
    const { phone, behaviour } = ScriptRequest.parse(body);
    simulator.script(phone, typeof behaviour === 'string' ? behaviour : behaviourIn(behaviour));
  });
  command('online', (body) => {
    simulator.bringOnline(Online.parse(body).phone);
  });
  // These parse their own input.
  command('opt-outs', (body) => {
    simulator.optOut(body as Parameters<Controls['optOut']>[0]);
  });
  command('launch-events', (body) => {
    simulator.changeLaunchState(body as Parameters<Controls['changeLaunchState']>[0]);
  });
  command('outage', (body) => {
    simulator.setOutage(body as Parameters<Controls['setOutage']>[0]);
  });
  command('sms', (body) => {
    simulator.scriptSms(body as Parameters<Controls['scriptSms']>[0]);
  });
  command('sms-connections', (body) => {
    const { provider, connections } = Connections.parse(body);
    return simulator.setSmsConnections(provider, connections);
  });
  command('events', (body) => {
    simulator.postEvent(Event.parse(body));
  });
  command('agents', (body) => {
    const { agentId, ...profile } = AgentRequest.parse(body);
    simulator.configureAgent(agentId, profile);
  });
  command('carriers', (body) => {
    simulator.addCarrier(Carrier.parse(body));
  });
  command('delete-reading', (body) => {
    simulator.setDeleteReading(Reading.parse(body).reading);
  });
}
