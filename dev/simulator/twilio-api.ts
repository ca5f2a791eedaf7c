import { createHmac } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Outcome } from './play-answer.js';
import type { RetryPolicy } from './retrying-poster.js';
import { createRetryingPoster, post } from './retrying-poster.js';
import type { SmsCallDeps } from './sms-call.js';
import { answerSmsCall } from './sms-call.js';
import type { Sms, SmsOutbox } from './sms-outbox.js';
import { matchesQuery, messageResource, pageOf } from './twilio-message.js';

export interface TwilioAccount {
  readonly accountSid: string;
  readonly authToken: string;
}

export interface TwilioApiDeps extends SmsCallDeps {
  readonly outbox: SmsOutbox;
  readonly account: TwilioAccount;
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

interface Callback {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}

/** X-Twilio-Signature: base64 of the HMAC-SHA1 of the URL and all parameters, sorted by name. */
function signTwilio(authToken: string, url: string, params: Readonly<Record<string, string>>): string {
  const names = Object.keys(params).sort();
  const signed = url + names.map((name) => `${name}${params[name] ?? ''}`).join('');
  return createHmac('sha1', authToken).update(signed).digest('base64');
}

/** An error body like Twilio's, with the phone number in it. Without a scripted code, the status decides the code. */
function twilioError(status: number, code = ERROR_CODES[status] ?? (status < 500 ? 21211 : 20500), to = '') {
  return {
    code,
    message: `The 'To' number ${to} was refused.`,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status,
  };
}
const ERROR_CODES: Readonly<Record<number, number>> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429, 503: 20503 };

export function createTwilioApi(deps: TwilioApiDeps): TwilioApi {
  const { clock, outbox, phones, account, timeoutMs, timeScale } = deps;
  const { accountSid, authToken } = account;
  const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const isAuthorized = ({ headers, params }: FastifyRequest<Route>) =>
    headers.authorization === basic && params.sid === accountSid;

  const callbacks = createRetryingPoster<Callback>({
    ...deps,
    concurrency: 8,
    oneQueue: false,
    isReady: () => true,
    async attempt({ url, params }, signal) {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-signature': signTwilio(authToken, url, params),
        'i-twilio-idempotency-token': params['MessageSid'] ?? '',
      };
      const body = new URLSearchParams(params).toString();
      const status = await post({ url, headers, body }, timeoutMs, signal);
      return status !== undefined && status >= 200 && status < 300;
    },
  });

  function report({ id, to, from, status }: Sms, url: string) {
    const params = {
      ...{ MessageSid: id, SmsSid: id, AccountSid: accountSid, ApiVersion: '2010-04-01', To: to },
      ...{ MessageStatus: status, SmsStatus: status },
      ...(from === undefined ? {} : from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }),
      ...(status === 'undelivered' ? { ErrorCode: '30003' } : {}),
    };
    callbacks.push({ url, params });
  }

  function accept(form: URLSearchParams): Outcome {
    const to = form.get('To') ?? '';
    const text = form.get('Body') ?? '';
    const from = form.get('MessagingServiceSid') ?? form.get('From') ?? undefined;
    if (from === undefined) return { status: 400, body: twilioError(400, 21603), tookEffect: false };
    if (text === '') return { status: 400, body: twilioError(400, 21602), tookEffect: false };
    const callback = form.get('StatusCallback') ?? undefined;
    const reference = callback === undefined ? undefined : decodeURIComponent(callback);
    const sms = outbox.accept(
      { idPrefix: 'SM', to, from, text, ...(reference === undefined ? {} : { reference }) },
      (changed) => {
        if (callback !== undefined) report(changed, callback);
      },
    );
    return { status: 201, body: messageResource(sms, accountSid), tookEffect: true };
  }

  return {
    register(app) {
      app.post<Route>('/2010-04-01/Accounts/:sid/Messages.json', async (request, reply) => {
        if (!isAuthorized(request)) return reply.code(401).send(twilioError(401));
        const form = new URLSearchParams(request.body ?? '');
        const to = form.get('To') ?? '';
        if (!/^\+[1-9]\d{6,14}$/.test(to)) return reply.code(400).send(twilioError(400, 21211, to));
        const callback = form.get('StatusCallback');
        return answerSmsCall(deps, {
          ...{ to, reply, ...(callback === null ? {} : { reference: decodeURIComponent(callback) }) },
          effect: () => accept(form),
          errorBody: (status, code) => twilioError(status, code, to),
        });
      });
      app.get<Route>('/2010-04-01/Accounts/:sid/Messages.json', (request, reply) => {
        if (!isAuthorized(request)) return reply.code(401).send(twilioError(401));
        const isListed = (sms: Sms) =>
          sms.idPrefix === 'SM' &&
          sms.acceptedAt + phones.behaviourOf(sms.to).smsListLag * timeScale <= clock.now() &&
          matchesQuery(sms, request.query);
        return reply.send(pageOf(outbox.accepted.filter(isListed).reverse(), request.query, accountSid));
      });
    },
    idle: callbacks.idle,
    stop: callbacks.stop,
  };
}
