import type { Call, Headers, SignedCall } from './fuzz-calls.js';
import type { Chance } from './fuzz-random.js';

type Mutation = (chance: Chance, call: SignedCall) => Partial<Call>;

const SIGNATURES = [
  'x-goog-signature',
  'webhook-signature',
  'x-twilio-signature',
  'webhook-timestamp',
  'webhook-id',
] as const;
const TYPES = [
  'text/plain',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'multipart/form-data',
  'x',
  ';',
  'application/x-www-form-urlencoded',
] as const;
const PATHS = [
  '/webhooks/rbm',
  '/webhooks/sms/http',
  '/webhooks/sms/twilio',
  '/webhooks/rbm/',
  '/webhooks/rbm?x=%',
  '/%',
  '/metrics',
  '/readyz',
  '//webhooks/rbm',
  '/nope',
  '/webhooks',
  '/healthz',
] as const;

/** Flips, removes, inserts or doubles bytes. */
const bytes: Mutation = (chance, { body }) => {
  const at = chance.below(body.length + 1);
  const [head, tail] = [body.subarray(0, at), body.subarray(at)];
  switch (chance.below(5)) {
    case 0:
      return { body: Buffer.concat([head, chance.bytes(1 + chance.below(8)), tail]) };
    case 1:
      return { body: Buffer.concat([head, tail.subarray(1 + chance.below(20))]) };
    case 2:
      return { body: Buffer.concat([head, chance.bytes(1), tail.subarray(1)]) };
    case 3:
      return { body: Buffer.concat([head, tail, tail]) };
    default:
      return { body: head };
  }
};

const noise: Mutation = (chance) => ({ body: chance.bytes(chance.below(300)) });

const jsonNoise: Mutation = (chance) => ({
  body: Buffer.from(
    chance.pick([
      'null',
      '[]',
      '"x"',
      '{}',
      '1e999',
      '{"message":null}',
      '{"message":{"data":""}}',
      '{"message":{"data":"===="}}',
      '{"message":{"data":["e30="]}}',
      '{"__proto__":{"message":{"data":"e30="}}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"message":{"__proto__":{"data":"e30="}}}',
      '\ufeff{"message":{"data":"e30="}}',
      '['.repeat(50_000),
      `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    ]),
  ),
});

/** Changes the event after it was signed. */
const forged: Mutation = (chance, call) => {
  const [from, to] = chance.pick<readonly [string, string]>([
    ['DELIVERED', 'READ'],
    ['acme-agent', 'evil-agent'],
    ['READ', 'DELIVERED'],
    ['evt-', 'evl-'],
    ['sent', 'read'],
    ['SENT', 'DELIVERED'],
  ]);
  const inner = call.signed.toString().replace(from, to);
  if (call.route !== 'rbm') return { body: Buffer.from(inner) };
  const message = { data: Buffer.from(inner).toString('base64') };
  return { body: Buffer.from(JSON.stringify({ message })) };
};

/** Changes what is not signed. The call must be accepted as before. */
const envelopeOnly: Mutation = (chance, { route, body }) => {
  if (route !== 'rbm') return {};
  const text = body.toString();
  const extra = chance.pick(['"__proto__":{"data":"e30="},', '"message":{"data":"e30="},', '"x":1,', ' \n\t']);
  return { body: Buffer.from(text.replace('{', `{${extra}`)) };
};

const signature: Mutation = (chance, { headers }) => {
  const name = SIGNATURES.filter((one) => one in headers);
  const chosen = chance.pick(name as [string, ...string[]]);
  const value = headers[chosen] ?? '';
  const at = chance.below(value.length);
  const changed = chance.pick([
    '',
    'v1,',
    '0',
    // Three of them still fit. Beyond its limit Node itself answers before there is a request.
    'a'.repeat(5_000),
    value.slice(0, -1),
    value.toLowerCase(),
    `${value}, ${value}`,
    `${value.slice(0, at)}A${value.slice(at + 1)}`,
    chance.bytes(64).toString('base64'),
  ]);
  const others = Object.entries(headers).filter(([one]) => one !== chosen);
  return { headers: Object.fromEntries(chance.share(0.2) ? others : [...others, [chosen, changed]]) };
};

const contentType: Mutation = (chance, { headers }) => ({
  headers: { ...headers, 'content-type': chance.pick(TYPES) },
});
const oddHeaders: Mutation = (chance, { headers }) => ({
  headers: {
    ...headers,
    [chance.pick([
      'content-encoding',
      'expect',
      'x-http-method-override',
      'x-forwarded-host',
      'accept-version',
      '__proto__x',
    ])]: chance.pick(['gzip', '100-continue', 'DELETE', 'evil.example', '../..', 'é']),
  },
});
const method: Mutation = (chance) => ({ method: chance.pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) });
const path: Mutation = (chance) => ({ url: chance.pick(PATHS) });

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  bytes,
  bytes,
  noise,
  jsonNoise,
  forged,
  forged,
  envelopeOnly,
  signature,
  signature,
  contentType,
  oddHeaders,
  method,
  path,
];

/** Sends the same body in chunks, which no signature covers. */
export const inChunks = (chance: Chance, call: SignedCall): Call => ({ ...call, chunk: chance.pick([1, 2, 5, 100]) });

/** Makes one to three mutations, or rarely a body around the size limit. */
export function mutate(chance: Chance, call: SignedCall, limit: number): Call {
  if (chance.share(0.001)) return { ...call, body: Buffer.alloc(limit - 1 + chance.below(3), chance.pick([' ', '['])) };
  let changed: SignedCall = call;
  for (let left = 1 + chance.below(3); left > 0; left -= 1) {
    const {
      method: how = changed.method,
      url = changed.url,
      headers = changed.headers,
      body = changed.body,
    } = chance.pick(MUTATIONS)(chance, changed);
    changed = { ...changed, method: how, url, headers, body };
  }
  if (chance.share(0.02)) return { ...changed, chunk: chance.pick([1, 3]) };
  return chance.share(0.03) ? { ...changed, headers: doubled(chance, changed.headers) } : changed;
}

/** Sends a header twice. Node joins the two with a comma. */
function doubled(chance: Chance, headers: Headers): Headers {
  const name = chance.pick(['x-goog-signature', 'x-twilio-signature', 'webhook-id', 'webhook-timestamp']);
  const value = headers[name];
  if (value === undefined) return headers;
  const again = chance.share(0.5) ? value : chance.bytes(64).toString('base64');
  return { ...headers, [name]: `${value}\r\n${name}: ${again}` };
}
