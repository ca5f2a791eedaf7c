import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createRbmAuth } from '../../src/rbm/rbm-auth.js';
import { RbmError } from '../../src/rbm/rbm-error.js';
import { deadUrl, html, json, rejection, reset, serve, silence, type Handler } from '../http/loopback.js';
import { WAIT } from '../support/wait.js';

const SCOPE = 'https://www.googleapis.com/auth/rcsbusinessmessaging';
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbm-auth-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  // A proxy of the machine must change nothing, and no project may be looked for.
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
  vi.stubEnv('https_proxy', 'http://127.0.0.1:9');
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', undefined);
  return () => {
    vi.unstubAllEnvs();
  };
});

let files = 0;
async function fileWith(content: unknown): Promise<string> {
  files += 1;
  const path = join(folder, `key-${String(files)}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const serviceAccount = (tokenUri: string) => ({
  type: 'service_account',
  project_id: 'demo',
  private_key_id: 'key-1',
  private_key: privateKey,
  client_email: 'sender@demo.iam.gserviceaccount.com',
  token_uri: tokenUri,
});
const keyFor = (url: string): Promise<string> => fileWith(serviceAccount(`${url}/token`));

async function externalAccount(tokenUrl: string): Promise<string> {
  const subject = await fileWith('subject-token');
  return fileWith({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: { file: subject },
  });
}

/** The nth request gets `token-n`. */
function tokens({ expiresIn = 3600 }: { expiresIn?: number } = {}): Handler {
  let count = 0;
  return (request, response) => {
    count += 1;
    json(200, { access_token: `token-${String(count)}`, expires_in: expiresIn, token_type: 'Bearer' })(
      request,
      response,
    );
  };
}

async function failure(promise: Promise<unknown>): Promise<RbmError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(RbmError);
  expect((error as RbmError).message).not.toMatch(/127\.0\.0\.1|PRIVATE|secret words|key-\d/);
  return error as RbmError;
}

/** Moves Date, and leaves timers and sockets alone. */
function travel(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

describe('a service-account key', () => {
  test('is read from a file that begins with a byte order mark', async () => {
    const { url } = await serve(tokens());
    const credentialsFile = await fileWith(`\ufeff${JSON.stringify(serviceAccount(`${url}/token`))}`);
    await expect(createRbmAuth({ credentialsFile }).accessToken()).resolves.toBe('token-1');
  });

  test.each<[string, (text: string) => Buffer]>([
    ['utf16le', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['utf16be', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('is read from a file in UTF-16: %s', async (_encoding, written) => {
    const { url } = await serve(tokens());
    const credentialsFile = await fileWith('');
    await writeFile(credentialsFile, written(JSON.stringify(serviceAccount(`${url}/token`))));
    await expect(createRbmAuth({ credentialsFile }).accessToken()).resolves.toBe('token-1');
  });

  test.each<[string, (pem: string) => string]>([
    ['\\n written out twice', (pem) => pem.replaceAll('\n', '\\n')],
    ['spaces', (pem) => pem.replaceAll('\n', ' ')],
    ['line breaks of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
  ])('may have %s for the line breaks of its private_key', async (_form, written) => {
    const { url } = await serve(tokens());
    const key = serviceAccount(`${url}/token`);
    const credentialsFile = await fileWith({ ...key, private_key: written(String(privateKey)) });
    await expect(createRbmAuth({ credentialsFile }).accessToken()).resolves.toBe('token-1');
  });

  test.each([
    [{ private_key: undefined }, 'has no private_key'],
    [{ private_key: ' \n' }, 'has no private_key'],
    [{ client_email: '' }, 'has no client_email'],
    [{ client_email: null, private_key: 7 }, 'has no client_email and no private_key'],
  ])('without a part of it names the part: %j', async (part, reason) => {
    const { url, received } = await serve(tokens());
    const credentialsFile = await fileWith({ ...serviceAccount(`${url}/token`), ...part });
    const error = await failure(createRbmAuth({ credentialsFile }).accessToken());
    expect(error).toMatchObject({ kind: 'notSent', message: `no access token: the credentials file ${reason}` });
    expect(received).toEqual([]);
  });

  test("asks the key's own token_uri, with a signed assertion for RBM's scope", async () => {
    const { url, received } = await serve(tokens());
    await expect(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken()).resolves.toBe('token-1');
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: 'POST', path: '/token' });
    const form = new URLSearchParams(received[0]?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head = '', claims = '', signature = ''] = form.get('assertion')?.split('.') ?? [];
    const verified = createVerify('RSA-SHA256')
      .update(`${head}.${claims}`)
      .verify(pair.publicKey, signature, 'base64url');
    expect(verified).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'sender@demo.iam.gserviceaccount.com',
      scope: SCOPE,
    });
  });

  test('follows no redirect: another host may not have the assertion', async () => {
    const other = await serve(tokens());
    const { url, received } = await serve((_request, response) => {
      response.writeHead(307, { location: `${other.url}/token` }).end();
    });
    const error = await failure(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken());
    expect(error.kind).toBe('notSent');
    expect([received.length, other.received.length]).toEqual([1, 0]);
  });

  test('concurrent callers share one request, and later ones its token', async () => {
    const { url, received } = await serve(tokens());
    const auth = createRbmAuth({ credentialsFile: await keyFor(url) });
    const all = await Promise.all(Array.from({ length: 20 }, () => auth.accessToken()));
    expect(new Set([...all, await auth.accessToken()])).toEqual(new Set(['token-1']));
    expect(received).toHaveLength(1);
  });

  test('after invalidate() there is a fresh one; a newer one than the named is kept', async () => {
    const { url, received } = await serve(tokens());
    const auth = createRbmAuth({ credentialsFile: await keyFor(url) });
    await auth.accessToken();
    auth.invalidate('token-1');
    await expect(auth.accessToken()).resolves.toBe('token-2');
    auth.invalidate('token-1');
    await expect(auth.accessToken()).resolves.toBe('token-2');
    auth.invalidate();
    await expect(auth.accessToken()).resolves.toBe('token-3');
    expect(received).toHaveLength(3);
  });

  test('a key file that was replaced is read again', async () => {
    const one = await serve(tokens());
    const other = await serve(json(200, { access_token: 'of the new key', expires_in: 3600 }));
    const credentialsFile = await keyFor(one.url);
    const auth = createRbmAuth({ credentialsFile });
    await auth.accessToken();
    await writeFile(credentialsFile, JSON.stringify(serviceAccount(`${other.url}/token`)));
    auth.invalidate();
    await expect(auth.accessToken()).resolves.toBe('of the new key');
  });

  test('near its end a token is renewed while it is still handed out', async () => {
    const { url, received } = await serve(tokens());
    const auth = createRbmAuth({ credentialsFile: await keyFor(url) });
    await auth.accessToken();
    travel(56 * 60_000);
    await expect(auth.accessToken()).resolves.toBe('token-1');
    await vi.waitFor(async () => {
      await expect(auth.accessToken()).resolves.toBe('token-2');
    }, WAIT);
    expect(received).toHaveLength(2);
  });

  test('while the token endpoint is down, the old token serves to its end', async () => {
    const { url, received } = await serve(tokens(), html(503));
    const auth = createRbmAuth({ credentialsFile: await keyFor(url) });
    await auth.accessToken();
    travel(56 * 60_000);
    await expect(auth.accessToken()).resolves.toBe('token-1');
    await vi.waitFor(() => {
      expect(received).toHaveLength(2);
    }, WAIT);
    await expect(auth.accessToken()).resolves.toBe('token-1');
    travel(5 * 60_000);
    expect(await failure(auth.accessToken())).toMatchObject({ kind: 'notSent' });
  });

  test('a token that ended is not handed out', async () => {
    const { url } = await serve(tokens({ expiresIn: 60 }));
    const auth = createRbmAuth({ credentialsFile: await keyFor(url) });
    await auth.accessToken();
    travel(59_000);
    await expect(auth.accessToken()).resolves.toBe('token-2');
  });

  test.each([0, -1, 'soon'])('expires_in %o still gives a token', async (expiresIn) => {
    const { url } = await serve(json(200, { access_token: 'short', expires_in: expiresIn }));
    await expect(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken()).resolves.toBe('short');
  });
});

describe('no token: one request, and the reason', () => {
  test.each<[string, Handler]>([
    ['invalid_grant', json(400, { error: 'invalid_grant', error_description: 'secret words' })],
    ['invalid_client', json(401, { error: 'invalid_client', error_description: 'secret words' })],
  ])('refused with %s', async (status, handler) => {
    const { url, received } = await serve(handler);
    const error = await failure(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken());
    expect(error).toMatchObject({ kind: 'unauthenticated', status, httpStatus: undefined });
    expect(received).toHaveLength(1);
  });

  test.each<[string, Handler]>([
    ['HTML with 403', html(403)],
    ['words with 400', json(400, { error: 'secret words' })],
  ])('refused with %s', async (_, handler) => {
    const { url } = await serve(handler);
    const error = await failure(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken());
    expect(error).toMatchObject({ kind: 'unauthenticated', status: undefined });
  });

  test.each<[string, Handler]>([
    ['503', html(503)],
    ['429', json(429, {})],
    ['a reset', reset],
    ['no token in it', json(200, { token_type: 'Bearer' })],
    ['a token that is no string', json(200, { access_token: { a: 1 }, expires_in: 10 })],
    ['HTML', html(200)],
  ])('%s: not to be had now', async (_, handler) => {
    const { url, received } = await serve(handler);
    const error = await failure(createRbmAuth({ credentialsFile: await keyFor(url) }).accessToken());
    expect(error).toMatchObject({ kind: 'notSent', status: 'NO_ACCESS_TOKEN' });
    expect(received).toHaveLength(1);
  });

  test('silence ends with the time limit, and the next call asks again', async () => {
    const { url, received } = await serve(silence, json(200, { access_token: 'late', expires_in: 3600 }));
    const auth = createRbmAuth({ credentialsFile: await keyFor(url), tokenTimeoutMs: 1_000 });
    expect((await failure(auth.accessToken())).kind).toBe('notSent');
    await expect(auth.accessToken()).resolves.toBe('late');
    expect(received).toHaveLength(2);
  });

  test('nobody listens', async () => {
    const error = await failure(createRbmAuth({ credentialsFile: await keyFor(await deadUrl()) }).accessToken());
    expect(error).toMatchObject({
      kind: 'notSent',
      message: 'no access token: ECONNREFUSED',
      status: 'NO_ACCESS_TOKEN',
    });
  });

  test('no such file', async () => {
    const error = await failure(createRbmAuth({ credentialsFile: join(folder, 'absent.json') }).accessToken());
    expect(error).toMatchObject({ kind: 'notSent', status: 'NO_ACCESS_TOKEN' });
    expect(error.message).toContain('ENOENT');
  });

  test.each([
    ['no JSON', 'PRIVATE'],
    ['no type', {}],
    ['a token_uri that is none', serviceAccount('not a url')],
    ['a token_uri that is no HTTP', serviceAccount('file:///etc/passwd')],
    ['a key that is none', { ...serviceAccount('http://127.0.0.1:1/token'), private_key: 'PRIVATE' }],
    ['no key', { type: 'service_account', client_email: 'a@b.example' }],
  ])('a file with %s', async (_, content) => {
    const error = await failure(createRbmAuth({ credentialsFile: await fileWith(content) }).accessToken());
    expect(error.kind).toBe('notSent');
  });
});

describe('other credentials', () => {
  test('external_account works as the file says, and looks for no project', async () => {
    const { url, received } = await serve(json(200, { access_token: 'federated', expires_in: 3600 }));
    const auth = createRbmAuth({ credentialsFile: await externalAccount(`${url}/sts`) });
    await expect(auth.accessToken()).resolves.toBe('federated');
    expect(received.map(({ path }) => path)).toEqual(['/sts']);
    const form = new URLSearchParams(received[0]?.body);
    expect(form.get('subject_token')).toBe('subject-token');
    expect(form.get('scope')).toBe(SCOPE);
  });

  test('external_account that hangs ends with the time limit', async () => {
    const { url } = await serve(silence);
    const auth = createRbmAuth({ credentialsFile: await externalAccount(`${url}/sts`), tokenTimeoutMs: 300 });
    expect((await failure(auth.accessToken())).kind).toBe('notSent');
  });

  test('none at all is said in words', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
    vi.stubEnv('CLOUDSDK_CONFIG', folder);
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    const error = await failure(createRbmAuth({}).accessToken());
    expect(error).toMatchObject({ kind: 'notSent', message: 'no access token: there are no credentials' });
  });

  test('Application Default Credentials are found, without a look for a project', async () => {
    const { url, received } = await serve(json(200, { access_token: 'default', expires_in: 3600 }));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await externalAccount(`${url}/sts`));
    await expect(createRbmAuth({}).accessToken()).resolves.toBe('default');
    expect(received.map(({ path }) => path)).toEqual(['/sts']);
  });
});

/** Google's metadata server on a port that nobody listened on before. */
async function metadataServer(port: number) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    const isToken = request.url?.includes('/service-accounts/default/token') === true;
    const body = isToken ? '{"access_token":"of the machine","expires_in":3600,"token_type":"Bearer"}' : '';
    response.writeHead(200, { 'metadata-flavor': 'Google', 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return paths;
}

describe("credentials that come after the worker's start", () => {
  beforeEach(() => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
    vi.stubEnv('CLOUDSDK_CONFIG', join(folder, 'gcloud'));
  });

  test('the metadata server is asked again, and never through a proxy', async () => {
    const { host, port } = new URL(await deadUrl());
    vi.stubEnv('GCE_METADATA_HOST', host);
    const auth = createRbmAuth({ fetch: () => Promise.reject(new Error('only directly')) });
    expect(await failure(auth.accessToken())).toMatchObject({ kind: 'notSent', status: 'NO_ACCESS_TOKEN' });
    const paths = await metadataServer(Number(port));
    await expect(auth.accessToken()).resolves.toBe('of the machine');
    expect(paths.at(-1)).toContain('/service-accounts/default/token');
    expect(auth.caller?.()).toEqual({ isPerson: false, quotaProject: undefined });
  });

  test('Application Default Credentials are looked for again', async () => {
    vi.stubEnv('GCE_METADATA_HOST', new URL(await deadUrl()).host);
    const { url } = await serve(tokens());
    const auth = createRbmAuth({});
    expect((await failure(auth.accessToken())).kind).toBe('notSent');
    await mkdir(join(folder, 'gcloud'));
    onTestFinished(() => rm(join(folder, 'gcloud'), { recursive: true }));
    const file = await externalAccount(url);
    await rename(file, join(folder, 'gcloud', 'application_default_credentials.json'));
    await expect(auth.accessToken()).resolves.toBe('token-1');
  });

  test('a credentials file is looked for again', async () => {
    const { url } = await serve(tokens());
    const credentialsFile = join(folder, 'later.json');
    const auth = createRbmAuth({ credentialsFile });
    expect((await failure(auth.accessToken())).kind).toBe('notSent');
    await rename(await keyFor(url), credentialsFile);
    await expect(auth.accessToken()).resolves.toBe('token-1');
  });

  test('the token of a projected volume is read again for each access token', async () => {
    const { url, received } = await serve(tokens());
    const credentialsFile = await externalAccount(url);
    const { credential_source: source } = JSON.parse(await readFile(credentialsFile, 'utf8')) as {
      credential_source: { file: string };
    };
    const auth = createRbmAuth({ credentialsFile });
    await auth.accessToken();
    await writeFile(source.file, 'the next subject-token');
    auth.invalidate();
    await auth.accessToken();
    expect(received.map(({ body }) => new URLSearchParams(body).get('subject_token'))).toEqual([
      'subject-token',
      'the next subject-token',
    ]);
  });
});

describe('who calls', () => {
  const person = { type: 'authorized_user', client_id: 'id', client_secret: 'hush', refresh_token: 'hush' };
  const answered = () => Promise.resolve(Response.json({ access_token: 'token', expires_in: 3600 }));
  const callerOf = async (key: object, quotaProject?: string) => {
    const auth = createRbmAuth({ credentialsFile: await fileWith(key), quotaProject, fetch: answered });
    await auth.accessToken();
    return auth.caller?.();
  };

  test.each([
    ['a person, with the project that pays', { ...person, quota_project_id: 'pays' }, undefined, true, 'pays'],
    ['a person without a project', person, undefined, true, undefined],
    ['a person, and a project of the environment', { ...person, quota_project_id: 'pays' }, 'other', true, 'other'],
    ['a service account', serviceAccount('https://token.example'), undefined, false, undefined],
    [
      'a service account with a project',
      { ...serviceAccount('https://token.example'), quota_project_id: 'pays' },
      undefined,
      false,
      'pays',
    ],
    ['a project that no header can hold', { ...person, quota_project_id: 'two\nlines' }, undefined, true, undefined],
  ])('%s', async (_, key, quotaProject, isPerson, expected) => {
    expect(await callerOf(key, quotaProject)).toEqual({ isPerson, quotaProject: expected });
  });

  test('a person of another identity provider, and a person who impersonates a service account', async () => {
    const workforce = {
      type: 'external_account_authorized_user',
      audience: '//iam.googleapis.com/locations/global/workforcePools/p/providers/q',
      client_id: 'id',
      client_secret: 'hush',
      refresh_token: 'hush',
      token_url: 'https://sts.example/v1/oauthtoken',
      quota_project_id: 'pays',
    };
    expect(await callerOf(workforce)).toEqual({ isPerson: true, quotaProject: 'pays' });
    const impersonated = {
      type: 'impersonated_service_account',
      source_credentials: { ...person, quota_project_id: 'pays' },
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.example:generateAccessToken',
    };
    const auth = createRbmAuth({
      credentialsFile: await fileWith(impersonated),
      fetch: (url) =>
        (url instanceof URL ? url.href : '').includes('iamcredentials')
          ? Promise.resolve(Response.json({ accessToken: 'theirs', expireTime: new Date(Date.now() + 3.6e6) }))
          : answered(),
    });
    await expect(auth.accessToken()).resolves.toBe('theirs');
    expect(auth.caller?.()).toEqual({ isPerson: true, quotaProject: 'pays' });
  });

  test.each([
    ['//iam.googleapis.com/locations/global/workforcePools/p/providers/q', true],
    ['//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q', false],
  ])('an external account with the audience %s', async (audience, isPerson) => {
    const { url } = await serve(tokens());
    const credentialsFile = await externalAccount(url);
    const account = JSON.parse(await readFile(credentialsFile, 'utf8')) as object;
    await writeFile(credentialsFile, JSON.stringify({ ...account, audience }));
    const auth = createRbmAuth({ credentialsFile });
    await auth.accessToken();
    expect(auth.caller?.()?.isPerson).toBe(isPerson);
  });
});
