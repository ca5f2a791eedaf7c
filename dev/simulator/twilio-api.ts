import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OptOuts } from './opt-outs.js';
import type { Outcome } from './play-answer.js';
import type { RetryPolicy } from './retrying-poster.js';
import type { SmsCallDeps } from './sms-call.js';
import { answerSmsCall } from './sms-call.js';
import type { Sms, SmsOutbox } from './sms-outbox.js';
import type { TwilioAccount, TwilioApiKey } from './twilio-account.js';
import { createTwilioSignIn } from './twilio-account.js';
import { createTwilioCallbacks } from './twilio-callbacks.js';
import { twilioError, twilioStatus } from './twilio-errors.js';
import { matchesQuery, messageResource, pageOf } from './twilio-message.js';
import type { TwilioServices } from './twilio-services.js';
import { twilioSender } from './twilio-services.js';

export interface TwilioApiDeps extends SmsCallDeps {
  readonly outbox: SmsOutbox;
  readonly optOuts: OptOuts;
  readonly account: TwilioAccount;
  readonly apiKeys: readonly TwilioApiKey[];
  readonly services?: TwilioServices;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
}

/** Twilio's Messages resource, which has no idempotency key, and its status callbacks. */
export interface TwilioApi {
  readonly register: (app: FastifyInstance) => void;
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Route {
  Params: { sid: string };
  Querystring: Readonly<Record<string, string | undefined>>;
  Body: string | null;
}

/** Seconds. The longest ValidityPeriod, and its default (Twilio "Messages resource"). */
const LONGEST_VALIDITY = 36_000;

const failure = (code: number, to = ''): Outcome => {
  const status = twilioStatus(code);
  return { status, body: twilioError(status, code, to), tookEffect: false };
};

export function createTwilioApi(deps: TwilioApiDeps): TwilioApi {
  const { clock, outbox, phones, optOuts, account, apiKeys, services, timeScale } = deps;
  const { accountSid } = account;
  const signIn = createTwilioSignIn(account, apiKeys);
  const callbacks = createTwilioCallbacks(deps);
  const credentialOf = ({ headers, params }: FastifyRequest<Route>) =>
    params.sid === accountSid ? signIn(headers.authorization) : undefined;

  function accept(form: URLSearchParams): Outcome {
    const to = form.get('To') ?? '';
    const text = form.get('Body') ?? '';
    const sender = twilioSender(form, services);
    if ('code' in sender) return failure(sender.code, to);
    if (text === '') return failure(21602, to);
    const callback = form.get('StatusCallback') ?? undefined;
    if (callback !== undefined && !isCallbackUrl(callback)) return failure(21609, to);
    const validity = form.get('ValidityPeriod');
    const validitySeconds = validity === null ? LONGEST_VALIDITY : Number(validity);
    if (!Number.isInteger(validitySeconds) || validitySeconds < 1 || validitySeconds > LONGEST_VALIDITY)
      return failure(21624, to);
    const { from, service } = sender;
    if (optOuts.hasStoppedSms(to, from)) return failure(21610, to);
    const sms = outbox.accept(
      {
        ...{ idPrefix: 'SM', to, text, validitySeconds },
        ...(from === undefined ? {} : { from }),
        ...(service === undefined ? {} : { service }),
        ...(callback === undefined ? {} : { reference: decoded(callback) }),
      },
      (changed) => {
        if (callback !== undefined) callbacks.report(changed, callback);
      },
    );
    return { status: 201, body: messageResource(sms, accountSid), tookEffect: true };
  }

  async function create(request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> {
    const credential = credentialOf(request);
    if (credential === undefined) return reply.code(401).send(twilioError(401));
    const form = new URLSearchParams(request.body ?? '');
    const to = form.get('To') ?? '';
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return reply.code(400).send(twilioError(400, 21211, to));
    const callback = form.get('StatusCallback');
    const sender = form.get('MessagingServiceSid') ?? form.get('From') ?? undefined;
    const validity = Number(form.get('ValidityPeriod') ?? Number.NaN);
    return answerSmsCall(deps, {
      ...{ provider: 'twilio', credential, to, reply },
      ...(sender === undefined ? {} : { sender }),
      ...(Number.isNaN(validity) ? {} : { validitySeconds: validity }),
      ...(callback === null ? {} : { reference: decoded(callback) }),
      effect: () => accept(form),
      errorBody: (status, code) => twilioError(status, code, to),
    });
  }

  return {
    register(app) {
      app.post<Route>('/2010-04-01/Accounts/:sid/Messages.json', create);
      app.get<Route>('/2010-04-01/Accounts/:sid/Messages.json', (request, reply) => {
        if (credentialOf(request) === undefined) return reply.code(401).send(twilioError(401));
        const listed = outbox.accepted.filter((sms) => {
          const { smsListLag, smsListedAs } = phones.behaviourOf(sms.to);
          const isDue = sms.acceptedAt + smsListLag * timeScale <= clock.now();
          return sms.idPrefix === 'SM' && isDue && matchesQuery(sms, request.query, smsListedAs);
        });
        const asListed = (sms: Sms) => (phones.behaviourOf(sms.to).smsListedAs === 'sms' ? sms : rcs(sms));
        return reply.send(pageOf(listed.reverse().map(asListed), request.query, accountSid));
      });
    },
    idle: callbacks.idle,
    stop: callbacks.stop,
  };
}

/** How Twilio lists a message that a messaging service sent by RCS. */
const rcs = (sms: Sms): Sms => ({ ...sms, to: `rcs:${sms.to}`, from: 'rcs:simulated_agent' });

const isCallbackUrl = (url: string): boolean =>
  url.length <= 4000 && URL.canParse(url) && /^https?:\/\/[^_/]+(\/|$|\?)/.test(url);

function decoded(callback: string): string {
  try {
    return decodeURIComponent(callback);
  } catch {
    return callback;
  }
}
