import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the key file of a Google service account whose token endpoint is the fake. Returns its path. */
async function writeCredentials(dir: string, fakeUrl: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const path = join(dir, 'service-account.json');
  const key = {
    type: 'service_account',
    project_id: 'bench',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'bench@bench.iam.gserviceaccount.com',
    token_uri: `${fakeUrl}/token`,
  };
  await writeFile(path, JSON.stringify(key), { mode: 0o600 });
  return path;
}

/** The worker's environment, but for Temporal's address. Everything is switched on that production would have. */
export async function workerEnvironment(dir: string, fakeUrl: string) {
  return {
    RBM_ENDPOINT: fakeUrl,
    GOOGLE_APPLICATION_CREDENTIALS: await writeCredentials(dir, fakeUrl),
    SMS_PROVIDER: 'http',
    SMS_HTTP_URL: `${fakeUrl}/sms`,
    SMS_HTTP_TOKEN: randomBytes(24).toString('base64url'),
    NOTIFY_ALLOWED_HOSTS: fakeUrl,
    NOTIFY_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
    RECIPIENT_HASH_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'info',
  };
}
