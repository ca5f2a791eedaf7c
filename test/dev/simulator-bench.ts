import { createSign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RBM_SCOPE } from '../../dev/simulator/token-endpoint.js';
import type { Simulator, SimulatorOptions } from '../../dev/simulator/simulator.js';
import { createSimulator } from '../../dev/simulator/simulator.js';

export const PHONE = '+15550100001';
export const MESSAGE_ID = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
export const SECRET = `whsec_${Buffer.from('a secret for tests only').toString('base64')}`;

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly body: string;
}

/** Starts a webhook that records its calls. `answer` gives the status for the n-th call, counted from 0. */
export interface Receiver {
  readonly url: string;
  readonly calls: readonly Received[];
  readonly close: () => Promise<void>;
}

export async function createReceiver(
  answer: (call: number, body: string) => { readonly status: number; readonly body?: string } | 'hang' = () => ({
    status: 200,
  }),
): Promise<Receiver> {
  const calls: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      calls.push({ headers: request.headers, url: request.url ?? '', body });
      const reply = answer(calls.length - 1, body);
      if (reply !== 'hang') response.writeHead(reply.status).end(reply.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, close };
}

const Envelope = z.object({ message: z.object({ data: z.string() }) });
/** Returns the decoded bytes of a posted event. */
export const eventBytes = ({ body }: Received): Buffer =>
  Buffer.from(Envelope.parse(JSON.parse(body)).message.data, 'base64');
export const eventOf = (received: Received) =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(eventBytes(received).toString()));
export const eventTypes = (receiver: Receiver) => receiver.calls.map((call) => eventOf(call)['eventType']);

export interface Bench {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  readonly authorization: () => Promise<string>;
  readonly create: (overrides?: CreateCall) => Promise<Response>;
  readonly revoke: (messageId?: string, phone?: string) => Promise<Response>;
  readonly sms: (reference: string, key?: string, text?: string, fields?: SmsFields) => Promise<Response>;
  /** Calls the control API. Resolves with the status. */
  readonly control: (name: string, body: unknown) => Promise<number>;
  readonly close: () => Promise<void>;
}

type SmsFields = Readonly<Record<string, unknown>>;

interface CreateCall {
  readonly messageId?: string;
  readonly phone?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly expireTime?: number;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

const ServiceAccount = z.object({ client_email: z.string(), private_key: z.string(), token_uri: z.string() });
export type ServiceAccount = z.infer<typeof ServiceAccount>;

/** A service account's signed assertion (RFC 7523). `claims` replaces single claims. */
export function assertion(account: ServiceAccount, claims: Readonly<Record<string, unknown>> = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const all = { iss: account.client_email, scope: RBM_SCOPE, aud: account.token_uri, iat, exp: iat + 3600, ...claims };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(all)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(account.private_key, 'base64url')}`;
}

export const requestToken = (account: ServiceAccount, jwt: string) =>
  fetch(account.token_uri, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: jwt }),
  });

export async function readAccount(simulator: Simulator): Promise<ServiceAccount> {
  const dir = await mkdtemp(join(tmpdir(), 'simulator-'));
  try {
    return ServiceAccount.parse(JSON.parse(await readFile(await simulator.writeCredentials(dir), 'utf8')));
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function getToken(simulator: Simulator): Promise<string> {
  const account = await readAccount(simulator);
  const answer = await requestToken(account, assertion(account));
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

/** Starts a simulator with a webhook, and a client that makes one plain HTTP request per call. */
export async function createBench(
  options: Partial<SimulatorOptions> = {},
  answer?: Parameters<typeof createReceiver>[0],
): Promise<Bench> {
  const receiver = await createReceiver(answer);
  const simulator = await createSimulator({
    ...{ clientToken: 'test-client-token', smsWebhookSecret: SECRET, smsToken: 'sms-token' },
    ...{ rbmWebhookUrl: `${receiver.url}/rbm`, smsWebhookUrl: `${receiver.url}/sms` },
    ...options,
  });
  let token: Promise<string> | undefined;
  const authorization = async () => `Bearer ${await (token ??= getToken(simulator))}`;
  return {
    ...{ simulator, receiver, authorization },
    async create({ messageId = MESSAGE_ID, phone = PHONE, query, body, expireTime, token: own, signal } = {}) {
      const search = query ?? `messageId=${messageId}&agentId=acme-agent`;
      const expiry = expireTime === undefined ? {} : { expireTime: new Date(expireTime).toISOString() };
      return fetch(`${simulator.url}/v1/phones/${phone}/agentMessages?${search}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: own ?? (await authorization()) },
        body:
          typeof body === 'string' ? body : JSON.stringify(body ?? { contentMessage: { text: 'Hello' }, ...expiry }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    revoke: async (messageId = MESSAGE_ID, phone = PHONE) =>
      fetch(`${simulator.url}/v1/phones/${phone}/agentMessages/${messageId}?agentId=acme-agent`, {
        method: 'DELETE',
        headers: { authorization: await authorization() },
      }),
    sms: (reference, key, text = 'Hello', fields = {}) =>
      fetch(simulator.smsUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer sms-token',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify({ to: PHONE, from: '+15550109999', text, reference, ...fields }),
      }),
    control: (name, body) =>
      fetch(`${simulator.url}/__simulator/${name}`, { method: 'POST', body: JSON.stringify(body) }).then(
        ({ status }) => status,
      ),
    async close() {
      await simulator.stop();
      await receiver.close();
    },
  };
}
