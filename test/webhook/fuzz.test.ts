import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import type { WebhookOptions } from '../../src/webhook/build-server.js';
import { buildServer } from './support/built.js';
import {
  MARKED_PHONE,
  MARKED_TEXT,
  PUBLIC_URL,
  RBM_TOKENS,
  receiptCall,
  rbmCall,
  SMS_SECRETS,
  twilioCall,
  TWILIO_TOKENS,
  type Call,
  type SignedCall,
} from './support/fuzz-calls.js';
import { createFuzzDeliveries, type FuzzDeliveries } from './support/fuzz-deliveries.js';
import { faultOf, hasTooManyChunks, isStillSigned, mayBeUnavailable, mustBeRecorded } from './support/fuzz-judge.js';
import { inChunks, mutate } from './support/fuzz-mutations.js';
import { createChance, type Chance } from './support/fuzz-random.js';
import type { Earned } from './support/fuzz-truth.js';
import { createWire, rawRequest, type Answered } from './support/fuzz-wire.js';

/** `npm run fuzz` uses a random one. A failure is repeated by the seed in the test's name. */
const SEED = seedFrom(process.env['FUZZ_SEED'] ?? '20260102');
/** `npm run fuzz` makes 100,000. */
const CALLS = Number(process.env['FUZZ_CALLS'] ?? 10_000);
/** After this many calls everything is compared and forgotten. */
const BATCH = 2_000;
const BATCHES = CALLS / BATCH;
/** The heap is compared over this many batches, early and late: a tenth of the run. */
const COMPARED = Math.max(2, Math.floor(BATCHES / 10));
const AT_ONCE = 60;
const CONNECTIONS = 4;
const BODY_LIMIT = 256 * 1024;
/** How much the heap may grow between the early and the late batches. Bytes. */
const MOST_GROWTH = 12 * 1024 * 1024;

function seedFrom(given: string): number {
  const seed = given === 'random' ? randomInt(2 ** 31) : Number(given);
  if (!Number.isInteger(seed)) throw new Error('FUZZ_SEED must be "random" or a whole number');
  return seed;
}

interface Rig {
  readonly app: FastifyInstance;
  /** Starts to listen and returns the port. */
  readonly listen: () => Promise<number>;
  readonly deliveries: FuzzDeliveries;
  readonly leaks: readonly string[];
}

function createRig(options: Partial<WebhookOptions> = {}): Rig {
  const leaks: string[] = [];
  const write = (line: string) => {
    if (line.includes(MARKED_PHONE) || line.includes(MARKED_TEXT) || line.includes('unexpected error'))
      leaks.push(line);
  };
  const deliveries = createFuzzDeliveries();
  const app = buildServer({
    deliveries,
    optOuts: deliveries.optOuts,
    log: pino({ level: 'trace' }, { write }),
    registry: new Registry(),
    rbm: { clientTokens: RBM_TOKENS },
    sms: { http: { secrets: SMS_SECRETS }, twilio: { authTokens: TWILIO_TOKENS, publicUrl: PUBLIC_URL + '/' } },
    ...options,
    limits: { rbmBodyBytes: BODY_LIMIT, smsBodyBytes: BODY_LIMIT, remembered: 2_000, ...options.limits },
  });
  onTestFinished(() => app.close());
  const listen = async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    return (app.server.address() as AddressInfo).port;
  };
  return { app, listen, deliveries, leaks };
}

/** True for the same share of the events in every run. The receiver refuses these. */
const isRefusedByReceiver = (signed: Buffer) => signed.length % 7 === 0;

/** What the signature covers, as a receiver of forwarded events decodes it. */
const signedIn = (forwarded: Buffer) =>
  Buffer.from((JSON.parse(forwarded.toString()) as { message: { data: string } }).message.data, 'base64');

const signedCall = (chance: Chance): SignedCall =>
  chance.share(0.6) ? rbmCall(chance) : chance.share(0.5) ? receiptCall(chance) : twilioCall(chance);

interface Sent extends Answered {
  readonly origin: SignedCall;
  readonly call: Call;
}

/** Compares the answers and the recorded signals of a batch with what was signed in it. Returns the faults. */
function judge(batch: readonly Sent[], { recorded, unavailable }: FuzzDeliveries): string[] {
  const earned = new Map<string, Earned[]>();
  const faults: string[] = [];
  const judged = batch.map((sent) => ({ ...sent, stillSigned: isStillSigned(sent.origin, sent.call) }));
  for (const { origin, call, status, text, stillSigned } of judged) {
    if (stillSigned) {
      for (const event of origin.earned) earned.set(event.workflowId, [...(earned.get(event.workflowId) ?? []), event]);
    }
    const fault = answerFault({ origin, call, status, text, stillSigned, unavailable });
    if (fault !== undefined)
      faults.push(`${fault}: ${String(status)} ${text.slice(0, 200)} ${describeCall(call, origin)}`);
  }
  const on = new Set(recorded.map(({ workflowId }) => workflowId));
  for (const signal of recorded) {
    const fault = faultOf(signal, earned.get(signal.workflowId) ?? []);
    if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(signal)}`);
  }
  for (const { origin, call, status, stillSigned } of judged) {
    const asSigned = origin.route === 'rbm' || call.body.equals(origin.body);
    if (status >= 300 || !origin.plain || !asSigned || !stillSigned) continue;
    const lost = origin.earned.filter((event) => mustBeRecorded(event) && !on.has(event.workflowId));
    if (lost.length > 0) faults.push(`acknowledged, not recorded: ${describeCall(call, origin)}`);
  }
  return faults;
}

const describeCall = ({ method, url, headers, body }: Call, { signed }: SignedCall) =>
  `${method} ${url} ${JSON.stringify(headers)} ${body.toString('latin1').slice(0, 300)} / ${signed.toString().slice(0, 300)}`;

function answerFault({
  origin,
  call,
  status,
  text,
  stillSigned,
  unavailable,
}: Sent & { readonly stillSigned: boolean; readonly unavailable: ReadonlySet<string> }): string | undefined {
  if (status === 0) return 'no answer';
  if (text.includes(MARKED_PHONE) || text.includes(MARKED_TEXT)) return 'the answer repeats the request';
  const refused = (status === 500 || status === 503) && isRefusedByReceiver(origin.signed) && origin.route === 'rbm';
  const promised = stillSigned && ((status === 503 && mayBeUnavailable(origin.earned, unavailable)) || refused);
  if (status >= 500 && !promised) return 'a 5xx that was not promised';
  const isEvent = call.method === 'POST' && call.url.startsWith('/webhooks/');
  if (isUntouched({ origin, call }) && status !== 200 && !promised) return 'a valid call was refused';
  if (isEvent && hasTooManyChunks(call) && status < 400) return 'a call in too many chunks was accepted';
  // Node itself answers 417 to an unknown Expect header. 400 answers a path that cannot be decoded.
  if (!isKnown(call.url) && ![404, 417].includes(status) && call.url !== '/%')
    return 'an unknown path was not answered 404';
  // Twilio's signature holds if a parameter comes twice. The webhook accepts such a call and ignores it.
  if (isEvent && status < 300 && !stillSigned && origin.route !== 'smsTwilio') return 'a forged call was accepted';
  return undefined;
}

/** True for exactly the call that was signed, perhaps in a reasonable number of chunks. */
const isUntouched = ({ origin, call }: Pick<Sent, 'origin' | 'call'>) =>
  call.method === origin.method &&
  call.url === origin.url &&
  call.headers === origin.headers &&
  call.body === origin.body &&
  !hasTooManyChunks(call);

const isKnown = (url: string) => /^\/(webhooks\/(rbm|sms\/http|sms\/twilio)|metrics|readyz|healthz)(\?|$)/.test(url);

/** The calls of the next batch: new events, repetitions of earlier ones, and broken versions of both. */
function* plan(chance: Chance): Generator<{ readonly origin: SignedCall; readonly call: Call }> {
  const earlier: SignedCall[] = [];
  for (let made = 0; made < BATCH; made += 1) {
    const again = earlier[chance.below(earlier.length * 4)];
    const origin = again ?? signedCall(chance);
    if (again === undefined) earlier.push(origin);
    const changed = chance.share(0.05) ? inChunks(chance, origin) : mutate(chance, origin, BODY_LIMIT);
    yield { origin, call: chance.share(0.25) ? origin : changed };
  }
}

async function run(chance: Chance, send: (call: Call) => Promise<Answered>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const calls = plan(chance);
  const sender = async () => {
    for (const { origin, call } of calls) sent.push({ origin, call, ...(await send(call)) });
  };
  // Most calls cause an error whose stack nobody reads. Without stack traces the run is faster.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  } finally {
    Error.stackTraceLimit = limit;
  }
  return sent;
}

function heapAfterGc(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

test(`${String(CALLS)} random and broken calls (FUZZ_SEED=${String(SEED)})`, { timeout: 600_000 }, async () => {
  const chance = createChance(SEED);
  console.log(`FUZZ_SEED=${String(SEED)}`);
  const { listen, deliveries, leaks } = createRig({
    onEvent: (_event, { data }) => {
      if (isRefusedByReceiver(data)) throw new Error(MARKED_TEXT);
    },
  });
  const wire = createWire({ port: await listen(), connections: CONNECTIONS });
  onTestFinished(wire.close);
  const [early, late]: [number[], number[]] = [[], []];
  const seen = { 2: 0, 4: 0, 5: 0 } as Record<number, number>;
  let [signals, optOuts] = [0, 0];
  for (let index = 0; index < BATCHES; index += 1) {
    const batch = await run(chance, wire.send);
    expect(judge(batch, deliveries).slice(0, 5)).toEqual([]);
    for (const { status } of batch) seen[Math.floor(status / 100)] = (seen[Math.floor(status / 100)] ?? 0) + 1;
    signals += deliveries.recorded.length;
    optOuts += deliveries.recorded.filter(({ workflowId }) => workflowId.startsWith('opt-out:')).length;
    deliveries.recorded.length = 0;
    deliveries.unavailable.clear();
    // The first batch does not count, because code is compiled in it.
    if (index >= 1 && index <= COMPARED) early.push(heapAfterGc());
    if (index >= BATCHES - COMPARED) late.push(heapAfterGc());
  }
  const inMB = (heaps: readonly number[]) => heaps.map((heap) => Math.round(heap / 2 ** 20)).join(' ');
  console.log({ answers: seen, signals, optOuts, heapMB: `${inMB(early)} … ${inMB(late)}` });
  expect(leaks).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Math.min(...late) - Math.max(...early)).toBeLessThan(MOST_GROWTH);
  // The calls must lead to every kind of answer, or the test would prove little.
  expect(signals).toBeGreaterThan(CALLS / 10);
  expect(optOuts).toBeGreaterThan(CALLS / 200);
  for (const kind of [2, 4, 5]) expect(seen[kind]).toBeGreaterThan(CALLS / 200);
});

test('random and broken calls to a webhook that forwards its events', { timeout: 300_000 }, async () => {
  const target = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const refused = isRefusedByReceiver(signedIn(Buffer.concat(chunks)));
      if (refused && chunks.length % 2 === 0) request.socket.destroy();
      else response.writeHead(refused ? 500 : 204).end();
    });
  });
  onTestFinished(() => {
    target.closeAllConnections();
    target.close();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((target.address() as AddressInfo).port)}/`;
  const { listen, deliveries, leaks } = createRig({ forward: { url, timeoutMs: 10_000 } });
  const wire = createWire({ port: await listen(), connections: AT_ONCE });
  onTestFinished(wire.close);

  const batch = await run(createChance(SEED + 1), wire.send);
  expect(batch.filter(({ status }) => status === 200).length).toBeGreaterThan(BATCH / 10);
  expect(judge(batch, deliveries).slice(0, 5)).toEqual([]);
  expect(leaks).toEqual([]);
});

// Such a call is refused or not answered at all. What was never signed is never recorded.
test('requests that break HTTP itself', { timeout: 300_000 }, async () => {
  const { listen, deliveries, leaks } = createRig({ limits: { headersTimeoutMs: 1_000, requestTimeoutMs: 2_000 } });
  const port = await listen();
  const chance = createChance(SEED + 2);
  const signed: SignedCall[] = [];
  const statuses = new Set<number>();
  const calls = Array.from({ length: 1_000 }, () => {
    const origin = signedCall(chance);
    signed.push(origin);
    const raw = rawRequest(origin, 'close');
    const at = chance.below(Math.min(raw.length, 400));
    const put = chance.pick([
      chance.bytes(1 + chance.below(30)),
      Buffer.from('\r\n\r\n'),
      Buffer.from('\0'),
      Buffer.from(': '),
    ]);
    return [raw.subarray(0, at), put, raw.subarray(at + chance.below(10))];
  });
  const sender = async () => {
    for (let call = calls.pop(); call !== undefined; call = calls.pop())
      statuses.add(await statusOf(port, Buffer.concat(call)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  expect([...statuses].filter((status) => status >= 500 && status !== 503)).toEqual([]);
  expect(statuses).toContain(400);
  const known = new Set(signed.flatMap(({ earned }) => earned.map(({ workflowId }) => workflowId)));
  expect(deliveries.recorded.filter(({ workflowId }) => !known.has(workflowId))).toEqual([]);
  expect(leaks).toEqual([]);
  expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).toBe(200);
});

/** Sends `data`, closes the sending side, and returns the status. 0: the server closed the connection without an answer. */
function statusOf(port: number, data: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0));
    });
    socket.end(data);
  });
}
