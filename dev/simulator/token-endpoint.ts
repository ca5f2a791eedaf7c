import { createPublicKey, generateKeyPair, randomBytes, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from './clock.js';
import type { RbmOutage } from './outage.js';
import { createAnswerQueue } from './phones.js';
import { playAnswer } from './play-answer.js';
import { AnswerScript } from './scripted-answer.js';
import { openCall } from './truth.js';
import type { Call } from './truth.js';

export const RBM_SCOPE = 'https://www.googleapis.com/auth/rcsbusinessmessaging';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** The audience that google-auth-library puts into assertions, whatever the token endpoint is. */
const PUBLIC_AUDIENCE = 'https://oauth2.googleapis.com/token';
/** The same of Google's older libraries: gtoken, in google-auth-library up to 9. */
const OLD_AUDIENCE = 'https://www.googleapis.com/oauth2/v4/token';

type TokenCheck = 'ok' | 'unauthenticated' | 'wrongScope';

/** Google's OAuth 2.0 token endpoint for one service account (RFC 7523). */
export interface TokenEndpoint {
  readonly register: (app: FastifyInstance, baseUrl: () => string, outage: RbmOutage) => void;
  /** Writes the service account's JSON key. Its token_uri is this endpoint. Returns the file's path. */
  readonly writeCredentials: (dir: string, baseUrl: string, fileName?: string) => Promise<string>;
  readonly check: (authorization: string | undefined) => TokenCheck;
  /** Makes every token issued so far invalid, before the time that its holder knows. */
  readonly expireTokens: () => void;
  /** Scripts the token endpoint's answers. Throws a ZodError if they are not valid. */
  readonly script: (answers: z.input<typeof AnswerScript>) => void;
  readonly calls: readonly Call[];
}

export interface TokenEndpointDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  /** How long a token is accepted, in milliseconds of the machine's clock. The answer always says an hour. */
  readonly tokenLifetimeMs: number;
}

const Claims = z.object({
  iss: z.string(),
  scope: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
});

/** One key for all simulators in this process, because making one is slow. */
let keys: Promise<{ readonly publicKey: string; readonly privateKey: string }> | undefined;
const keyPair = () =>
  (keys ??= promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }));

const CLIENT_EMAIL = 'rbm-simulator@rbm-simulator.iam.gserviceaccount.com';

export function createTokenEndpoint({ clock, timeScale, tokenLifetimeMs }: TokenEndpointDeps): TokenEndpoint {
  const tokens = new Map<string, { readonly until: number; readonly scope: string }>();
  const calls: Call[] = [];
  let nextAnswer = createAnswerQueue(['ok'], 'token');

  const refuse = (error: string) => ({
    status: 400,
    body: { error, error_description: 'Refused.' },
    tookEffect: false,
  });
  const grant = (form: URLSearchParams, publicKey: string, ownUrl: string) => {
    if (form.get('grant_type') !== JWT_BEARER) return refuse('unsupported_grant_type');
    const claims = readAssertion(form.get('assertion') ?? '', publicKey);
    const audiences = [PUBLIC_AUDIENCE, OLD_AUDIENCE, ownUrl];
    if (claims?.iss !== CLIENT_EMAIL || !audiences.includes(claims.aud)) return refuse('invalid_grant');
    const now = Date.now() / 1000;
    if (claims.exp < now || claims.iat > now + 300 || claims.exp > claims.iat + 3601) return refuse('invalid_grant');
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    tokens.set(token, { until: Date.now() + tokenLifetimeMs, scope: claims.scope });
    return {
      status: 200,
      body: { access_token: token, expires_in: 3599, token_type: 'Bearer' },
      tookEffect: true,
    };
  };

  return {
    calls,
    register(app, baseUrl, outage) {
      async function issue(request: FastifyRequest<{ Body: string | null }>, reply: FastifyReply) {
        const call = openCall(calls, clock.now());
        const { publicKey } = await keyPair();
        const form = new URLSearchParams(request.body ?? '');
        return playAnswer({
          ...{ answer: outage.next('token') ?? nextAnswer(), call, reply, clock, timeScale },
          effect: () => grant(form, publicKey, `${baseUrl()}/token`),
          errorBody: (status) => ({ error: status < 500 ? 'invalid_grant' : 'internal_failure' }),
        });
      }
      // The second path is the one of the older libraries, for those who replace only the host.
      for (const path of ['/token', '/oauth2/v4/token']) app.post<{ Body: string | null }>(path, issue);
    },
    async writeCredentials(dir, baseUrl, fileName = 'service-account.json') {
      const { privateKey } = await keyPair();
      const path = join(dir, fileName);
      const key = {
        type: 'service_account',
        project_id: 'rbm-simulator',
        private_key_id: 'simulator',
        private_key: privateKey,
        client_email: CLIENT_EMAIL,
        client_id: '100000000000000000001',
        token_uri: `${baseUrl}/token`,
      };
      await writeFile(path, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
      return path;
    },
    check(authorization) {
      const token = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
      if (token === undefined || token.until <= Date.now()) return 'unauthenticated';
      return token.scope.split(' ').includes(RBM_SCOPE) ? 'ok' : 'wrongScope';
    },
    expireTokens() {
      tokens.clear();
    },
    script(answers) {
      nextAnswer = createAnswerQueue(AnswerScript.parse(answers), 'token');
    },
  };
}

/** Returns the claims of an assertion that the key signed with RS256. undefined for anything else. */
function readAssertion(assertion: string, publicKey: string) {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  try {
    const { alg } = z.object({ alg: z.string() }).parse(JSON.parse(Buffer.from(header, 'base64url').toString()));
    const signed = Buffer.from(`${header}.${payload}`);
    const good = verify('RSA-SHA256', signed, createPublicKey(publicKey), Buffer.from(signature, 'base64url'));
    return alg === 'RS256' && good ? Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())) : undefined;
  } catch {
    return undefined;
  }
}
