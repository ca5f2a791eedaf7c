import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { endAll, serve } from '../cli/program.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { startFlood } from './support/flood.js';
import { CLIENT_TOKEN, deliveredEvent, signedCall, type SignedCall } from './support/rbm-sender.js';

let temporal: Readonly<Record<string, string>>;
beforeAll(async () => {
  temporal = (await sharedTemporal()).variables;
});
afterEach(endAll);

/** RBM's pauses are as long as it likes, and each is longer than the one before. Milliseconds. */
const PAUSES = [1_000, 2_000, 4_000];
/** Longer than the webhook waits for a slow request. */
const SECONDS = Number(process.env['FLOOD_SECONDS'] ?? '15');
const GOOD_EVENTS_PER_SECOND = 5;
const timeout = (SECONDS + 120) * 1_000;

test('one source that floods everything keeps no event out for longer than its repetitions', { timeout }, async () => {
  const own = { WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0', RBM_WEBHOOK_CLIENT_TOKEN: CLIENT_TOKEN };
  const receipts = { SMS_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
  const webhook = serve(['webhook'], { ...temporal, ...own, ...receipts });
  const url = `http://${((await webhook.said('webhook listening'))['listening'] as string[]).join()}`;
  const stop = startFlood(url, CLIENT_TOKEN);
  onTestFinished(() => void stop());
  const sent: Promise<number[]>[] = [];
  for (let n = 0; n < SECONDS * GOOD_EVENTS_PER_SECOND; n += 1) {
    sent.push(untilAccepted(url, signedCall(deliveredEvent({ messageId: crypto.randomUUID() }))));
    await delay(1_000 / GOOD_EVENTS_PER_SECOND);
  }
  const statuses = await Promise.all(sent);
  const flooded = stop();
  expect(statuses.map((of) => of.at(-1))).toEqual(statuses.map(() => 200));
  // Every kind of flood was under way, and nothing of it passed for an event.
  expect(flooded).toMatchObject({
    forged: { '401': expect.any(Number) as number },
    replayed: { '200': expect.any(Number) as number },
    oversized: { '413': expect.any(Number) as number },
    slow: { closed: expect.any(Number) as number },
    pipelined: { closed: expect.any(Number) as number },
    probes: { '200': expect.any(Number) as number },
  });
  for (const kind of ['forged', 'oversized', 'slow', 'pipelined']) expect(flooded[kind]?.['200']).toBeUndefined();
});

/** The status of every attempt, as RBM repeats an event. 0: the connection broke. */
async function untilAccepted(url: string, call: SignedCall): Promise<number[]> {
  const statuses = [await postOnce(url, call)];
  for (const pause of PAUSES) {
    if (statuses.at(-1) === 200) break;
    await delay(pause);
    statuses.push(await postOnce(url, call));
  }
  return statuses;
}

/** Posts over a connection of its own. */
function postOnce(url: string, { body, headers }: SignedCall): Promise<number> {
  return new Promise((resolve) => {
    const call = request(`${url}/webhooks/rbm`, { method: 'POST', headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', () => {
      resolve(0);
    });
    call.end(body);
  });
}
