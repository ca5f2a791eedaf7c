import { createHmac, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Outcome } from './play-answer.js';
import type { RetryPolicy } from './retrying-poster.js';
import { createRetryingPoster, post } from './retrying-poster.js';
import type { SmsCallDeps } from './sms-call.js';
import { answerSmsCall } from './sms-call.js';
import type { Sms, SmsOutbox, SmsStatus } from './sms-outbox.js';

export interface SmsGatewayDeps extends SmsCallDeps {
  readonly outbox: SmsOutbox;
  readonly token: string;
  /** `whsec_` and base64. */
  readonly webhookSecret: string;
  readonly webhookUrl?: string;
  /** Whether a repeated Idempotency-Key returns the first id and sends no second SMS. */
  readonly dedupe: boolean;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
}

/** The SMS gateway behind the `http` provider. Its receipts are signed as Standard Webhooks defines it. */
export interface SmsGateway {
  readonly register: (app: FastifyInstance) => void;
  readonly setWebhookUrl: (url: string) => void;
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const Body = z.strictObject({
  to: z.string().regex(/^\+[1-9]\d{6,14}$/),
  from: z.string().optional(),
  text: z.string().min(1),
  reference: z.string().min(1),
  /** How long the SMS is of use. A repeat has less of it left. */
  validitySeconds: z.number().int().positive().optional(),
});

const RECEIPTS: Readonly<Record<SmsStatus, string>> = {
  accepted: 'SENT',
  sent: 'SENT',
  delivered: 'DELIVERED',
  undelivered: 'UNDELIVERED',
};

interface Receipt {
  readonly id: string;
  readonly body: string;
}

const failure = (status: number, error: string): Outcome => ({ status, body: { error }, tookEffect: false });

/** Standard Webhooks' webhook-signature: `v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`. */
function signStandardWebhook(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

export function createSmsGateway(deps: SmsGatewayDeps): SmsGateway {
  const { clock, outbox, token, webhookSecret, dedupe, timeoutMs } = deps;
  let webhookUrl = deps.webhookUrl;
  const byKey = new Map<string, { readonly request: string; readonly id: string }>();

  const receipts = createRetryingPoster<Receipt>({
    ...deps,
    concurrency: 8,
    oneQueue: false,
    isReady: () => webhookUrl !== undefined,
    async attempt({ id, body }, signal) {
      // From the machine's clock, because receivers compare it with theirs.
      const seconds = Math.floor(Date.now() / 1000);
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signStandardWebhook(webhookSecret, id, seconds, body),
      };
      const status = await post({ url: webhookUrl ?? '', headers, body }, timeoutMs, signal);
      return status !== undefined && status >= 200 && status < 300;
    },
  });

  const report = ({ reference, status }: Sms) => {
    const sendTime = new Date(clock.now()).toISOString();
    receipts.push({
      id: `msg_${randomUUID()}`,
      body: JSON.stringify({ reference, status: RECEIPTS[status], sendTime }),
    });
  };

  function accept({ to, from, text, reference }: z.output<typeof Body>, key: string | undefined): Outcome {
    const request = JSON.stringify({ to, from, text, reference });
    const earlier = key === undefined || !dedupe ? undefined : byKey.get(key);
    if (earlier !== undefined) {
      if (earlier.request !== request) return failure(422, 'the key was used for another request');
      return { status: 200, body: { id: earlier.id }, tookEffect: false };
    }
    const sms = outbox.accept(
      { idPrefix: 'sms_', to, text, reference, ...(from === undefined ? {} : { from }) },
      report,
    );
    if (key !== undefined) byKey.set(key, { request, id: sms.id });
    return { status: 202, body: { id: sms.id }, tookEffect: true };
  }

  return {
    register(app) {
      app.post<{ Body: string | null }>('/sms', async (request, reply) => {
        const { authorization } = request.headers;
        if (authorization !== `Bearer ${token}`) return reply.code(401).send({ error: 'unauthorized' });
        const body = Body.safeParse(parseJson(request.body));
        if (!body.success) return reply.code(400).send({ error: 'bad request' });
        const key = request.headers['idempotency-key'];
        return answerSmsCall(deps, {
          ...{ to: body.data.to, reference: body.data.reference, reply },
          effect: () => accept(body.data, typeof key === 'string' ? key : undefined),
          // Like real gateways, repeats the request: its number and text must not reach a log.
          errorBody: () => ({ error: `refused: ${body.data.to}: ${body.data.text}` }),
        });
      });
    },
    setWebhookUrl(url) {
      webhookUrl = url;
      receipts.wake();
    },
    idle: receipts.idle,
    stop: receipts.stop,
  };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
