import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAgents } from './agents.js';
import { registerAgentEventsApi } from './agent-events-api.js';
import { createCarriers } from './carriers.js';
import { scopedClock, systemClock } from './clock.js';
import type { Controls } from './control-api.js';
import { registerControlApi } from './control-api.js';
import { openDoor } from './door.js';
import { createServer } from './http-server.js';
import { createLaunchEvents } from './launch-events.js';
import { createMessageEvents } from './message-events.js';
import { createOptOuts } from './opt-outs.js';
import { createOutage } from './outage.js';
import { createPhones } from './phones.js';
import { createPlatform } from './platform.js';
import { registerRbmApi } from './rbm-api.js';
import type { RetryPolicy } from './retrying-poster.js';
import type { Simulator } from './running-simulator.js';
import type { SimulatorOptions } from './simulator-options.js';
import { createSmsGateway } from './sms-gateway.js';
import { createSmsOutbox } from './sms-outbox.js';
import { createSmsScripts } from './sms-scripts.js';
import { createTokenEndpoint } from './token-endpoint.js';
import { createTruth } from './truth.js';
import type { TwilioAccount, TwilioApiKey } from './twilio-account.js';
import { createTwilioApi } from './twilio-api.js';
import { registerUsersApi } from './users-api.js';
import { createWebhookSender } from './webhook-sender.js';

export type { Simulator, SimulatorOptions };

const RBM_RETRY: RetryPolicy = { initialMs: 1000, capMs: 600_000, giveUpAfterMs: 7 * 86_400_000 };
const HEX = '0123456789abcdef'.repeat(2);
const TWILIO: TwilioAccount = { accountSid: `AC${HEX}`, authToken: randomBytes(16).toString('hex') };
const TWILIO_KEYS: readonly TwilioApiKey[] = [{ sid: `SK${HEX}`, secret: randomBytes(16).toString('hex') }];

/** Starts a simulator. Throws if the port is in use or a behaviour is not valid. */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { timeScale = 1, twilio = TWILIO, twilioApiKeys = TWILIO_KEYS, host = '127.0.0.1' } = options;
  const clock = scopedClock(options.clock ?? systemClock);
  const truth = createTruth();
  const phones = createPhones(options.phones ?? {}, options.defaultBehaviour ?? 'delivers');
  const agents = createAgents(options.agents ?? {});
  const carriers = createCarriers(options.carriers ?? []);
  const smsScripts = createSmsScripts(phones);
  const posting = { retry: { ...RBM_RETRY, ...options.webhookRetry }, timeoutMs: options.webhookTimeoutMs ?? 10_000 };
  const basics = { clock, timeScale, phones, truth, agents, carriers, smsScripts, ...posting };

  const sender = createWebhookSender({
    ...basics,
    clientToken: options.clientToken,
    concurrency: options.webhookConcurrency ?? 1,
    faults: options.webhookFaults ?? {},
    ...(options.rbmWebhookUrl === undefined ? {} : { url: options.rbmWebhookUrl }),
  });
  const { post } = sender;
  const optOuts = createOptOuts({ ...basics, post });
  const tokens = createTokenEndpoint({ ...basics, tokenLifetimeMs: options.tokenLifetimeMs ?? 3_600_000 });
  const outage = createOutage(options.outage ?? {}, tokens.expireTokens);
  let deleteReading = options.deleteReading ?? 'new';
  const reading = () => {
    const secondDelete = options.secondDelete ?? (deleteReading === 'old' ? 200 : 404);
    return { deleteReading, secondDelete };
  };
  const platform = createPlatform({ ...basics, optOuts, reading, events: createMessageEvents({ ...basics, post }) });
  const shared = { ...basics, optOuts, platform, tokens, outage, duplicateCreate: options.duplicateCreate ?? 200 };
  const outbox = createSmsOutbox(shared);
  const gateway = createSmsGateway({
    ...{ ...shared, outbox, token: options.smsToken, webhookSecret: options.smsWebhookSecret },
    dedupe: options.smsDedupe ?? true,
    ...(options.smsWebhookUrl === undefined ? {} : { webhookUrl: options.smsWebhookUrl }),
  });
  const twilioApi = createTwilioApi({
    ...{ ...shared, outbox, account: twilio, apiKeys: twilioApiKeys },
    ...(options.twilioServices === undefined ? {} : { services: options.twilioServices }),
  });

  const controls: Controls = {
    script: phones.script,
    bringOnline: platform.bringOnline,
    optOut: optOuts.say,
    changeLaunchState: createLaunchEvents({ ...basics, post }),
    configureAgent: agents.configure,
    addCarrier: carriers.add,
    setOutage: outage.set,
    scriptSms: smsScripts.script,
    setSmsConnections: (provider, connections) =>
      connections === 'refused' ? doors[provider].refuse() : doors[provider].accept(),
    groundTruth: truth.phone,
    truthFor: truth.of,
    wholeTruth: truth.whole,
    setDeleteReading(next) {
      deleteReading = next;
    },
    postEvent: post,
  };

  const app = createServer();
  let url = '';
  const tokenBase = () => options.publicUrl ?? url;
  tokens.register(app, tokenBase, outage);
  registerRbmApi(app, shared);
  registerUsersApi(app, shared);
  registerAgentEventsApi(app, shared);
  gateway.register(app);
  twilioApi.register(app);
  registerControlApi(app, controls);
  await app.listen({ host, port: options.port ?? 0 });
  url = `http://${host}:${(app.server.address() as AddressInfo).port}`;
  const open = (port = 0) =>
    openDoor({
      host,
      port,
      handle: (request, response) => {
        app.routing(request, response);
      },
    });
  const doors = { http: await open(options.smsPort), twilio: await open(options.twilioPort) };

  const queues = [sender, gateway, twilioApi];
  return {
    ...controls,
    url,
    smsUrl: `${doors.http.url}/sms`,
    twilioUrl: doors.twilio.url,
    twilio,
    twilioApiKeys,
    phones,
    optOutsOf: truth.optOuts,
    agentEvents: truth.agentEvents,
    forget: truth.forget,
    writeCredentials: (dir, fileName) => tokens.writeCredentials(dir, tokenBase(), fileName),
    expireTokens: tokens.expireTokens,
    scriptTokenEndpoint: tokens.script,
    tokenCalls: tokens.calls,
    setWebhookUrls({ rbm, sms }) {
      if (rbm !== undefined) sender.setUrl(rbm);
      if (sms !== undefined) gateway.setWebhookUrl(sms);
    },
    verifyWebhook: sender.verify,
    webhookLog: sender.log,
    async idle() {
      await Promise.all(queues.map((queue) => queue.idle()));
    },
    async stop() {
      clock.cancelAll();
      await Promise.all(queues.map((queue) => queue.stop()));
      await Promise.all([doors.http.refuse(), doors.twilio.refuse(), app.close()]);
    },
  };
}
