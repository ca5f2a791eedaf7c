import { ApplicationFailure } from '@temporalio/common';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Clock } from '../../dev/simulator/clock.js';
import { createSimulator, type Simulator } from '../../dev/simulator/simulator.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { createActivities } from '../../src/activities/create-activities.js';
import type { MessageActivities } from '../../src/activities/message-activities.js';
import { parseWorkflowId } from '../../src/contract/ids.js';
import { createRbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { createTwilioProvider } from '../../src/sms/twilio-provider.js';
import { buildServer } from '../../src/webhook/build-server.js';
import { createDeliverySignals } from '../../src/webhook/delivery-signals.js';
import { createScenarioOptOuts, type ScenarioOptOuts } from './opt-outs.js';

/** What Google's documents leave open (see docs/rbm.md), and the SMS provider. Each combination has an agent of its own. */
export interface WorldRules {
  readonly agentId: string;
  readonly deleteReading: 'new' | 'old';
  readonly secondDelete: 200 | 404;
  readonly duplicateCreate: 200 | 409;
  /** `both`: Twilio is preferred. */
  readonly sms: 'http' | 'twilio' | 'both';
}

const rules = (
  deleteReading: 'new' | 'old',
  secondDelete: 200 | 404,
  duplicateCreate: 200 | 409,
  sms: WorldRules['sms'],
): WorldRules => ({
  agentId: `${deleteReading}-${String(secondDelete)}-${String(duplicateCreate)}-${sms}`,
  ...{ deleteReading, secondDelete, duplicateCreate, sms },
});

/** Half of them use each reading of DELETE, and a third each SMS provider or both. */
export const WORLDS: readonly WorldRules[] = [
  rules('new', 404, 409, 'http'),
  rules('old', 200, 200, 'http'),
  rules('new', 200, 200, 'twilio'),
  rules('old', 404, 409, 'twilio'),
  rules('new', 200, 409, 'both'),
  rules('old', 404, 200, 'both'),
];

const CLIENT_TOKEN = 'client-token-of-the-tests';
const SMS_SECRET = `whsec_${Buffer.from('a secret for tests only').toString('base64')}`;
const SMS_TOKEN = 'sms-token-of-the-tests';
const SERVICE = `MG${'0123456789abcdef'.repeat(2)}`;

export interface Worlds {
  readonly simulators: readonly Simulator[];
  readonly optOuts: ScenarioOptOuts;
  simulatorOf(agentId: string): Simulator;
  /** The real activities over real HTTP. Each call goes to the simulator of its agent. */
  readonly activities: MessageActivities;
  /** Resolves when every due event has been posted and answered. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a simulator for every world, and one real webhook server for all of them. */
export async function createWorlds({
  clock,
  client,
}: {
  readonly clock: Clock;
  /** Must not skip time when it waits for a result. */
  readonly client: Client;
}): Promise<Worlds> {
  const keys = await mkdtemp(join(tmpdir(), 'rcs-scenarios-'));
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${String(port)}`;
  const optOuts = createScenarioOptOuts(client);
  const built = await Promise.all(WORLDS.map((world) => createWorld(world, { clock, keys, publicUrl, optOuts })));
  const [first] = built;
  if (first === undefined) throw new Error('there must be a world');
  const server = buildServer({
    deliveries: createDeliverySignals({ client: client.workflow, timeoutMs: 10_000 }),
    optOuts,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    rbm: { clientTokens: [CLIENT_TOKEN] },
    sms: {
      http: { secrets: [SMS_SECRET] },
      twilio: { authTokens: [first.simulator.twilio.authToken], publicUrl },
    },
  });
  await server.listen({ host: '127.0.0.1', port });
  const simulators = built.map(({ simulator }) => simulator);
  for (const simulator of simulators) {
    simulator.setWebhookUrls({ rbm: `${publicUrl}/webhooks/rbm`, sms: `${publicUrl}/webhooks/sms/http` });
  }
  const of = (agentId: string | undefined) => {
    const world = built.find(({ agentId: its }) => its === agentId);
    if (world === undefined) throw new Error('no world has this agent');
    return world;
  };
  const byReference = (reference: string) => of(parseWorkflowId(reference)?.agentId).activities;
  return {
    simulators,
    optOuts,
    simulatorOf: (agentId) => of(agentId).simulator,
    activities: {
      sendRcs: (input) => of(input.agentId).activities.sendRcs(input),
      revokeRcs: (input) => of(input.agentId).activities.revokeRcs(input),
      sendSms: (input) => byReference(input.reference).sendSms(input),
      reconcileSms: (input) => byReference(input.reference).reconcileSms(input),
      // The test server has no history to read backwards.
      measureOutage: () => Promise.reject(ApplicationFailure.nonRetryable('not known', 'OutageUnknown')),
      lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
    },
    async idle() {
      await Promise.all(simulators.map((simulator) => simulator.idle()));
    },
    async stop() {
      await Promise.all(simulators.map((simulator) => simulator.stop()));
      await server.close();
      await rm(keys, { recursive: true });
    },
  };
}

interface Surroundings {
  readonly clock: Clock;
  readonly keys: string;
  readonly publicUrl: string;
  readonly optOuts: ScenarioOptOuts;
}

async function createWorld(
  { agentId, sms, ...readings }: WorldRules,
  { clock, keys, publicUrl, optOuts }: Surroundings,
) {
  const simulator = await createSimulator({
    ...{ clientToken: CLIENT_TOKEN, smsWebhookSecret: SMS_SECRET, smsToken: SMS_TOKEN },
    ...readings,
    clock,
  });
  const credentialsFile = await simulator.writeCredentials(keys, `${agentId}.json`);
  const twilio = () =>
    createTwilioProvider({
      ...simulator.twilio,
      apiUrl: simulator.url,
      messagingServiceSid: SERVICE,
      statusCallbackUrl: `${publicUrl}/webhooks/sms/twilio`,
    });
  const http = () => createHttpSmsProvider({ url: simulator.smsUrl, token: SMS_TOKEN });
  const providers = {
    http: () => [http()],
    twilio: async () => [await twilio()],
    both: async () => [await twilio(), http()],
  };
  const rbm = createRbmClient({ endpoint: simulator.url, auth: createRbmAuth({ credentialsFile }) });
  return {
    agentId,
    simulator,
    activities: createActivities({ rbm, sms: await providers[sms](), optOuts, now: clock.now }),
  };
}
