import type { AddressInfo } from 'node:net';
import type { FastifyError } from 'fastify';
import { fastify } from 'fastify';
import { ZodError } from 'zod';
import { scopedClock, systemClock } from './clock.js';
import { registerControlApi } from './control-api.js';
import { createMessageEvents } from './message-events.js';
import type { EventBody } from './message-events.js';
import type { PhoneBehaviourInput, PresetName } from './phone-behaviour.js';
import { createPhones } from './phones.js';
import type { Phones } from './phones.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { registerRbmApi } from './rbm-api.js';
import type { RetryPolicy } from './retrying-poster.js';
import type { SimulatorOptions } from './simulator-options.js';
import { createSmsGateway } from './sms-gateway.js';
import { createSmsOutbox } from './sms-outbox.js';
import { createTokenEndpoint } from './token-endpoint.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { createTruth } from './truth.js';
import type { MessageTruth, Received, Truth, WholeTruth } from './truth.js';
import { createTwilioApi } from './twilio-api.js';
import type { TwilioAccount } from './twilio-api.js';
import { createWebhookSender } from './webhook-sender.js';
import type { WebhookAttempt } from './webhook-sender.js';

export type { SimulatorOptions };

/** RBM, its phones and an SMS gateway, in one HTTP server. */
export interface Simulator {
  /** `http://127.0.0.1:port`. The value for RBM_ENDPOINT and TWILIO_API_URL. */
  readonly url: string;
  /** The value for SMS_HTTP_URL. */
  readonly smsUrl: string;
  readonly twilio: TwilioAccount;
  readonly phones: Phones;
  readonly script: (phone: string, behaviour: PresetName | PhoneBehaviourInput) => void;
  /** Shows the phone all messages queued for it, as if it were online for a moment. */
  readonly bringOnline: Platform['bringOnline'];
  /** What the phone really got, oldest first. */
  readonly groundTruth: (phone: string) => readonly Received[];
  readonly truthFor: (messageId: string) => MessageTruth;
  readonly wholeTruth: () => WholeTruth;
  /** Clears the records. Queued messages and phones' scripts stay. */
  readonly forget: Truth['forget'];
  /** Writes the service account's JSON key into the folder. Returns the file's path. */
  readonly writeCredentials: (dir: string, fileName?: string) => Promise<string>;
  readonly expireTokens: () => void;
  readonly scriptTokenEndpoint: TokenEndpoint['script'];
  readonly tokenCalls: TokenEndpoint['calls'];
  readonly setWebhookUrls: (urls: { readonly rbm?: string; readonly sms?: string }) => void;
  /** From now on DELETE is answered under this reading: see {@link SimulatorOptions.deleteReading}. */
  readonly setDeleteReading: (reading: 'new' | 'old') => void;
  /** Makes RBM's handshake. True if the webhook answers it correctly. */
  readonly verifyWebhook: () => Promise<boolean>;
  /** Signs and posts any event body, in RBM's envelope. */
  readonly postEvent: (event: EventBody) => void;
  /** Every attempt to post an RBM event, oldest first. */
  readonly webhookLog: readonly WebhookAttempt[];
  /** Resolves when no webhook call is in flight or due. One that waits for its time, retry or URL does not count. */
  readonly idle: () => Promise<void>;
  /** Closes every connection and cancels every timer. */
  readonly stop: () => Promise<void>;
}

const RBM_RETRY: RetryPolicy = { initialMs: 1000, capMs: 600_000, giveUpAfterMs: 7 * 86_400_000 };
const TWILIO: TwilioAccount = { accountSid: `AC${'0123456789abcdef'.repeat(2)}`, authToken: 'simulated-auth-token' };

/** Starts a simulator. Throws if the port is in use or a behaviour is not valid. */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { timeScale = 1, twilio = TWILIO, host = '127.0.0.1' } = options;
  const clock = scopedClock(options.clock ?? systemClock);
  const truth = createTruth();
  const phones = createPhones(options.phones ?? {}, options.defaultBehaviour ?? 'delivers');
  const posting = { retry: { ...RBM_RETRY, ...options.webhookRetry }, timeoutMs: options.webhookTimeoutMs ?? 10_000 };
  const shared = { clock, timeScale, phones, truth, ...posting };

  const sender = createWebhookSender({
    ...shared,
    clientToken: options.clientToken,
    concurrency: options.webhookConcurrency ?? 1,
    faults: options.webhookFaults ?? {},
    ...(options.rbmWebhookUrl === undefined ? {} : { url: options.rbmWebhookUrl }),
  });
  const events = createMessageEvents({ ...shared, post: sender.post });
  let deleteReading = options.deleteReading ?? 'new';
  const reading = () => {
    const secondDelete = options.secondDelete ?? (deleteReading === 'old' ? 200 : 404);
    return { deleteReading, secondDelete };
  };
  const platform = createPlatform({ ...shared, events, reading });
  const tokens = createTokenEndpoint({ ...shared, tokenLifetimeMs: options.tokenLifetimeMs ?? 3_600_000 });
  const outbox = createSmsOutbox(shared);
  const gateway = createSmsGateway({
    ...{ ...shared, outbox, token: options.smsToken, webhookSecret: options.smsWebhookSecret },
    dedupe: options.smsDedupe ?? true,
    ...(options.smsWebhookUrl === undefined ? {} : { webhookUrl: options.smsWebhookUrl }),
  });
  const twilioApi = createTwilioApi({ ...shared, outbox, account: twilio });

  const app = createServer();
  let url = '';
  const tokenBase = () => options.publicUrl ?? url;
  tokens.register(app, tokenBase);
  registerRbmApi(app, { ...shared, platform, tokens, duplicateCreate: options.duplicateCreate ?? 200 });
  gateway.register(app);
  twilioApi.register(app);
  registerControlApi(app, shared);
  await app.listen({ host, port: options.port ?? 0 });
  url = `http://${host}:${(app.server.address() as AddressInfo).port}`;

  const queues = [sender, gateway, twilioApi];
  return {
    url,
    smsUrl: `${url}/sms`,
    twilio,
    phones,
    script: phones.script,
    bringOnline: platform.bringOnline,
    groundTruth: truth.phone,
    truthFor: truth.of,
    wholeTruth: truth.whole,
    forget: truth.forget,
    writeCredentials: (dir, fileName) => tokens.writeCredentials(dir, tokenBase(), fileName),
    expireTokens: tokens.expireTokens,
    scriptTokenEndpoint: tokens.script,
    tokenCalls: tokens.calls,
    setWebhookUrls({ rbm, sms }) {
      if (rbm !== undefined) sender.setUrl(rbm);
      if (sms !== undefined) gateway.setWebhookUrl(sms);
    },
    setDeleteReading(next) {
      deleteReading = next;
    },
    verifyWebhook: sender.verify,
    postEvent: sender.post,
    webhookLog: sender.log,
    async idle() {
      await Promise.all(queues.map((queue) => queue.idle()));
    },
    async stop() {
      clock.cancelAll();
      await Promise.all(queues.map((queue) => queue.stop()));
      await app.close();
    },
  };
}

/** Hands over every body as text, because each API parses its own. Answers unknown paths with Google's HTML page. */
function createServer() {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/html; charset=UTF-8').send('<!DOCTYPE html><title>Error 404 (Not Found)</title>'),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const isBadRequest = error instanceof ZodError || error instanceof SyntaxError;
    return reply.code(isBadRequest ? 400 : (error.statusCode ?? 500)).send({ error: String(error) });
  });
  return app;
}
