import { z } from 'zod';
import { text, url, variable, webhookSecrets } from '../config/variable.js';
import { jsonOf, type Answer, type Fetch } from '../http/exchange.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';
import { retryAfterMs } from '../http/retry-after.js';
import { signStandardWebhook, verifiedWebhookId } from '../http/standard-webhooks.js';
import { receiptId, usableId } from './message-id.js';
import { defineSmsProvider } from './provider-definition.js';
import { HTTP_STATUSES, printableWord, readStatus } from './receipt-words.js';
import { readSmsReason, SmsError, type SmsErrorCause } from './sms-error.js';
import { causeOf, isInDoubt, smsExchange } from './sms-exchange.js';
import type { SmsProvider, SmsRequest } from './sms-provider.js';
import type { SmsReceipts } from './sms-receipts.js';

/** Anything else can't be sent in a header. */
const HEADER_TEXT = /^[\x20-\x7e]+$/;

export const SMS_WEBHOOK_SECRET = variable(webhookSecrets.optional(), {
  description:
    'SMS_PROVIDER=http: the secret that receipts are signed with (Standard Webhooks); if unset, they are refused.',
  must: 'must be one or more secrets of the form whsec_ and base64, separated by commas',
  secret: 'webhookSecret',
});

/** SMS_PROVIDER=http: any gateway that speaks this project's small HTTP protocol. */
export const httpSms = defineSmsProvider({
  name: 'http',
  sending: {
    variables: {
      SMS_HTTP_URL: variable(url.optional(), {
        description: 'SMS_PROVIDER=http: where SMS requests are posted to.',
        must: 'must be an http or https URL without credentials',
        isUrl: true,
      }),
      SMS_HTTP_TOKEN: variable(text.regex(HEADER_TEXT).optional(), {
        description: 'SMS_PROVIDER=http: the bearer token of these requests.',
        must: 'must be a token: ASCII on one line',
        secret: 'smsToken',
      }),
    },
    required: ['SMS_HTTP_URL', 'SMS_HTTP_TOKEN'],
    requireSmsProvider: ['SMS_HTTP_URL', 'SMS_HTTP_TOKEN'],
    configure: ({ SMS_HTTP_URL: url = '', SMS_HTTP_TOKEN: token = '' }) => ({ url, token }),
    create: (config, fetch) => createHttpSmsProvider({ ...config, ...(fetch !== undefined && { fetch }) }),
  },
  receiving: {
    variables: { SMS_WEBHOOK_SECRET },
    required: [],
    configure: ({ SMS_WEBHOOK_SECRET: secrets }): HttpSmsReceiptsOptions | undefined => secrets && { secrets },
    create: (config) => createHttpSmsReceipts(config),
  },
});

export interface HttpSmsProviderOptions {
  /** SMS_HTTP_URL: where SMS are POSTed. */
  readonly url: string;
  /** SMS_HTTP_TOKEN: the bearer token. White space around it does not count, nor does `Bearer` before it. */
  readonly token: string;
  readonly fetch?: Fetch;
}

/**
 * Sends with one POST that carries an Idempotency-Key, which makes a repeat harmless. The gateway answers 2xx and an
 * id. Throws a TypeError when the URL is not http(s) or carries credentials, or when no header can hold the token.
 */
export function createHttpSmsProvider({ url, token: given, fetch }: HttpSmsProviderOptions): SmsProvider {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol) || target.username !== '') {
    throw new TypeError('the SMS gateway must be an http or https URL without credentials');
  }
  const token = given.trim().replace(/^Bearer\s+/i, '');
  if (!HEADER_TEXT.test(token)) throw new TypeError('the token of the SMS gateway must be ASCII on one line');
  return {
    name: httpSms.name,
    repeatable: true,
    send: async (request, signal) => {
      const { idempotencyKey, timeoutMs } = request;
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      };
      const body = bodyOf(request);
      const answer = await smsExchange({ url: target.href, method: 'POST', headers, body, timeoutMs, signal, fetch });
      if (answer.status < 200 || answer.status > 299) throw errorFor(answer);
      return { providerMessageId: idOf(answer, request.to) };
    },
    reconcile: () => Promise.resolve({ found: 'repeatable' }),
  };
}

const bodyOf = ({ to, from, text, reference, validitySeconds }: SmsRequest): string =>
  JSON.stringify({ to, from, text, reference, validitySeconds });

const Sent = z.object({ id: z.union([z.string(), z.number().transform(String)]) });

/** Empty when the answer has no id that can be kept. The gateway has accepted the SMS all the same. */
const idOf = (answer: Answer, to: string): string => usableId(Sent.safeParse(jsonOf(answer)).data?.id ?? '', to);

function errorFor(answer: Answer): SmsError {
  const { status, headers } = answer;
  return new SmsError({
    ...statedCause(answer),
    message: `the SMS gateway answered ${String(status)}`,
    httpStatus: status,
    retryAfterMs: retryAfterMs(headers),
  });
}

const Refusal = z.object({ reason: z.string() });

/** A gateway may say in a 4xx why it did not accept the SMS: `{"reason": "optedOut"}`. */
function statedCause(answer: Answer): SmsErrorCause & { readonly unknownReason?: string } {
  const { status } = answer;
  const stated = status < 400 || isInDoubt(status) ? undefined : Refusal.safeParse(jsonOf(answer)).data?.reason;
  if (stated === undefined || stated.trim() === '') return causeOf(status);
  const reason = readSmsReason(stated);
  return reason === undefined ? { ...causeOf(status), unknownReason: printableWord(stated) ?? '' } : { reason };
}

export interface HttpSmsReceiptsOptions {
  /** SMS_WEBHOOK_SECRET, `whsec_` + base64: the current secret first, then those being rotated out. */
  readonly secrets: readonly string[];
}

const Receipt = z.object({ reference: z.string(), status: z.string(), sendTime: z.unknown().optional() });

/**
 * Reads receipts `{"reference","status","sendTime"}`, signed as Standard Webhooks says. Throws a TypeError without a
 * secret, or for one that is not `whsec_` and base64.
 */
export function createHttpSmsReceipts({ secrets }: HttpSmsReceiptsOptions): SmsReceipts {
  if (secrets.length === 0 || !secrets.every(isUsable)) {
    throw new TypeError('secrets must be whsec_ + base64, at least one');
  }
  return {
    contentType: 'application/json',
    read: ({ headers, body }) => {
      const id = verifiedWebhookId({ secrets, headers, body });
      if (id === undefined) return { kind: 'unsigned' };
      const json = jsonOfBytes(body);
      const read = Receipt.safeParse(json);
      if (!read.success) return { kind: 'unreadable', reason: json === undefined ? NOT_JSON : NO_RECEIPT };
      const { reference, sendTime } = read.data;
      const { status, unknownStatus } = readStatus(HTTP_STATUSES, read.data.status);
      return {
        kind: 'receipt',
        reference,
        status,
        ...(unknownStatus !== undefined && { unknownStatus }),
        // The same on every repetition of a receipt (Standard Webhooks). The signature covers it.
        eventId: receiptId(id),
        sendTime: timeOf(sendTime),
      };
    },
  };
}

/** Empty for a value that is no time: the webhook warns of it, and does not lose the receipt. */
function timeOf(sendTime: unknown): string | undefined {
  if (sendTime === undefined || sendTime === null) return undefined;
  return typeof sendTime === 'string' ? sendTime : '';
}

const NOT_JSON = 'not JSON in UTF-8';
const NO_RECEIPT = 'not an object with the texts reference and status';

function isUsable(secret: string): boolean {
  try {
    return (
      secret.trim().startsWith('whsec_') && signStandardWebhook({ secret, id: 'id', body: '' })['webhook-id'] === 'id'
    );
  } catch {
    return false;
  }
}
