import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { demoBehaviours } from './demo-phones.js';
import { createSimulator } from './simulator.js';

/** Kubernetes sets `tcp://…` for a Service called `simulator`. */
const port = (otherwise: number) =>
  z.preprocess(
    (given) => (/^\w+:\/\//.test(String(given)) ? undefined : given),
    z.coerce.number().int().min(0).max(65_535).default(otherwise),
  );

/** The simulator's environment variables. SIMULATOR_WEBHOOK_URL is the webhook server's base URL. */
const Environment = z.object({
  SIMULATOR_PORT: port(9090),
  /** Ports of their own for the `http` gateway and for Twilio, which can refuse connections. */
  SIMULATOR_SMS_PORT: port(0),
  SIMULATOR_TWILIO_PORT: port(0),
  SIMULATOR_HOST: z.string().min(1).default('127.0.0.1'),
  /** The base URL by which others reach the token endpoint, if SIMULATOR_HOST is not enough. */
  SIMULATOR_PUBLIC_URL: z.url().optional(),
  SIMULATOR_WEBHOOK_URL: z.url().optional(),
  SIMULATOR_CREDENTIALS_FILE: z.string().min(1).optional(),
  SIMULATOR_DELETE_READING: z.enum(['new', 'old']).default('new'),
  RBM_WEBHOOK_CLIENT_TOKEN: z.string().min(1),
  SMS_WEBHOOK_SECRET: z.string().startsWith('whsec_'),
  SMS_HTTP_TOKEN: z.string().min(1),
  TWILIO_ACCOUNT_SID: z.string().optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  TWILIO_API_KEY_SID: z.string().optional(),
  TWILIO_API_KEY_SECRET: z.string().optional(),
});

const first = (list: string) => list.split(',')[0] ?? '';

async function main(): Promise<void> {
  const env = Environment.parse(process.env);
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, SIMULATOR_PUBLIC_URL: publicUrl } = env;
  const { TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret } = env;
  const simulator = await createSimulator({
    host: env.SIMULATOR_HOST,
    port: env.SIMULATOR_PORT,
    smsPort: env.SIMULATOR_SMS_PORT,
    twilioPort: env.SIMULATOR_TWILIO_PORT,
    deleteReading: env.SIMULATOR_DELETE_READING,
    clientToken: first(env.RBM_WEBHOOK_CLIENT_TOKEN),
    smsWebhookSecret: first(env.SMS_WEBHOOK_SECRET),
    smsToken: env.SMS_HTTP_TOKEN,
    phones: demoBehaviours,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(accountSid && authToken ? { twilio: { accountSid, authToken } } : {}),
    ...(sid && secret ? { twilioApiKeys: [{ sid, secret }] } : {}),
  });
  const webhook = env.SIMULATOR_WEBHOOK_URL?.replace(/\/$/, '');
  if (webhook !== undefined) {
    simulator.setWebhookUrls({ rbm: `${webhook}/webhooks/rbm`, sms: `${webhook}/webhooks/sms/http` });
  }
  const file = env.SIMULATOR_CREDENTIALS_FILE;
  if (file !== undefined) {
    await mkdir(dirname(file), { recursive: true });
    await simulator.writeCredentials(dirname(file), basename(file));
  }
  process.stdout.write(`simulator listens on ${simulator.url}\n`);
  process.stdout.write(`SMS gateway on ${simulator.smsUrl}\nTwilio on ${simulator.twilioUrl}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}\n`);
  process.exitCode = 1;
});
