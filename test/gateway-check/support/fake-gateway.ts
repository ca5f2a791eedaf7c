import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { postReceipts, type ReceiptFaults } from './fake-receipts.js';

export const TOKEN = 'token-of-the-gateway';

/** What a gateway does wrong. None: it conforms. */
export interface Faults extends ReceiptFaults {
  readonly anyToken?: true;
  /** The status for a wrong token. */
  readonly tokenStatus?: number;
  /** The answer to a number that nobody can have: a status, or a status and a body. */
  readonly numberAnswer?: readonly [status: number, body?: unknown];
  /** A request that was refused for its token keeps its key. */
  readonly refusalsKept?: true;
  readonly noId?: true;
  /** The key is ignored. */
  readonly noKeys?: true;
  /** The key counts only for the same body. */
  readonly bodyCounts?: true;
  /** The key is looked up, and stored only after the SMS was sent. */
  readonly lateKey?: true;
  /** A repeat while the first request runs is answered with this status. */
  readonly busyStatus?: number;
  /** Answers SMS 3 at once, before its connection is cut. */
  readonly prompt?: true;
  /** Answers every other request 429. */
  readonly throttles?: true;
  /** A request whose caller is gone keeps its key, and never finishes. */
  readonly lockedKey?: true;
  /** A request whose caller is gone loses its key, although its SMS was sent. */
  readonly lostKey?: true;
  readonly leastValidity?: number;
  /** The SMS with this number is never answered. */
  readonly silentAt?: number;
}

interface Sms {
  readonly to: string;
  readonly text: string;
  readonly reference: string;
  readonly validitySeconds: number;
}

export interface FakeGateway {
  readonly url: string;
  /** The texts of the SMS that it sent, oldest first. */
  readonly sent: readonly string[];
  /** Where it posts receipts from now on. */
  readonly postReceiptsTo: (url: string) => void;
  /** Resolves when the request of SMS 3 has come. It is not answered before its connection is cut. */
  readonly cutMoment: () => Promise<void>;
}

/** A small gateway over real HTTP. It posts the receipts of an SMS before it answers the request. */
export async function startGateway(faults: Faults = {}): Promise<FakeGateway> {
  const sent: string[] = [];
  const byKey = new Map<string, Promise<string>>();
  /** The keys whose SMS was sent. */
  const settled = new Set<string>();
  const [third, second] = [deferred(), deferred()];
  let receiptsUrl: string | undefined;
  let arrivals = 0;
  let requests = 0;

  async function send(sms: Sms): Promise<string> {
    sent.push(sms.text);
    if (receiptsUrl !== undefined) await postReceipts(receiptsUrl, sms.reference, faults);
    return `sms-${String(sent.length)}`;
  }

  async function sendOnce(key: string, sms: Sms, gone: Promise<unknown>): Promise<string> {
    const isCut =
      faults.prompt !== true &&
      sms.text.includes('SMS 3') &&
      !sent.some((text) => text.includes('SMS 3')) &&
      !byKey.has(key);
    if (sms.text.includes('SMS 2') && ++arrivals === 2) second.resolve();
    if (faults.noKeys) return send(sms);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    if (faults.lateKey) {
      if (sms.text.includes('SMS 2')) await second.promise;
      const id = await send(sms);
      byKey.set(key, Promise.resolve(id));
      return id;
    }
    if (isCut && faults.lostKey) {
      const id = await send(sms);
      third.resolve();
      await gone;
      return id;
    }
    const running = (async () => {
      if (isCut) third.resolve();
      if (isCut) await gone;
      if (isCut && faults.lockedKey) return new Promise<string>(() => undefined);
      if (faults.busyStatus !== undefined && sms.text.includes('SMS 2')) await second.promise;
      const id = await send(sms);
      settled.add(key);
      return id;
    })();
    byKey.set(key, running);
    return running;
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<readonly [number, unknown?]> {
    if (faults.throttles && ++requests % 2 === 1) return [429];
    const key = keyOf(request, (await peek(request)).raw, faults);
    const { sms } = await peek(request);
    if (request.headers.authorization !== `Bearer ${TOKEN}` && faults.anyToken !== true) {
      if (faults.refusalsKept) byKey.set(key, Promise.reject(new Error('refused')));
      byKey.get(key)?.catch(() => undefined);
      return [faults.tokenStatus ?? 401];
    }
    if (!/^\+\d{7,15}$/.test(sms.to)) return faults.numberAnswer ?? [400, { reason: 'recipient' }];
    if (sms.validitySeconds < (faults.leastValidity ?? 1)) return [400];
    if (faults.silentAt !== undefined && sms.text.includes(`SMS ${String(faults.silentAt)}`))
      return new Promise(() => 0);
    const isBusy = byKey.has(key) && !settled.has(key);
    if (isBusy && (faults.busyStatus ?? (faults.lockedKey && 409)) !== undefined) {
      if (sms.text.includes('SMS 2')) second.resolve();
      return [faults.busyStatus ?? 409];
    }
    const id = await sendOnce(key, sms, once(response, 'close')).catch(() => undefined);
    if (id === undefined) return [401];
    return [202, faults.noId ? {} : { id }];
  }

  const server = createServer((request, response) => {
    void answer(request, response).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/send`,
    sent,
    postReceiptsTo: (url) => {
      receiptsUrl = url;
    },
    cutMoment: () => third.promise,
  };
}

const bodies = new WeakMap<IncomingMessage, Promise<{ readonly raw: string; readonly sms: Sms }>>();
function peek(request: IncomingMessage) {
  const body = bodies.get(request) ?? text(request).then((raw) => ({ raw, sms: JSON.parse(raw) as Sms }));
  bodies.set(request, body);
  return body;
}

const keyOf = ({ headers }: IncomingMessage, body: string, { bodyCounts }: Faults): string =>
  `${String(headers['idempotency-key'])}${bodyCounts ? body : ''}`;

function deferred() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
