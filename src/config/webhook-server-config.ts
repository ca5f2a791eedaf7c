import { z } from 'zod';
import { HOUR, MINUTE, SECOND } from '../contract/duration.js';
import { duration } from './duration-variable.js';
import { host, HOST_MUST, port, rule, variable } from './variable.js';

/** Where the webhook server listens, and how it treats connections. */
export const webhookServerFields = z.object({
  WEBHOOK_HOST: variable(host.default('::'), {
    description: 'The address that the webhook server listens on, by default every one, also of IPv4.',
    must: HOST_MUST,
  }),
  WEBHOOK_PORT: variable(port.optional(), {
    description: 'The port that the webhook server listens on, by default PORT or else 8080; 0 means any free port.',
    must: 'must be a port number',
  }),
  PORT: variable(port.optional().catch(undefined), {
    description:
      'The port for the webhook server if WEBHOOK_PORT is unset, as platforms such as Cloud Run and Heroku set it. Anything but a port number is ignored.',
    must: 'must be a port number',
  }),
  WEBHOOK_ADMIN_HOST: variable(host.default('::'), {
    description: 'The address that the webhook server listens on for WEBHOOK_ADMIN_PORT, by default every one.',
    must: HOST_MUST,
  }),
  WEBHOOK_ADMIN_PORT: variable(port.optional(), {
    description:
      'A port of its own for the metrics and probes of the webhook server; 0 means any free port; if unset, they are answered at WEBHOOK_PORT.',
    must: 'must be a port number other than WEBHOOK_PORT',
  }),
  WEBHOOK_KEEP_ALIVE: variable(duration(SECOND, HOUR).prefault('620s'), {
    description:
      'How long an idle connection stays open: longer than the load balancer keeps it, which for Google Cloud is 600s.',
    must: 'must be seconds with the unit s, such as 620s, from 1s to 3600s',
  }),
  WEBHOOK_SHUTDOWN_DELAY: variable(duration(0, 10 * MINUTE).prefault('5s'), {
    description:
      'How long the webhook server still takes new connections after SIGTERM, while `/readyz` answers 503 and the load balancer learns of it.',
    must: 'must be seconds with the unit s, such as 5s, from 0s to 600s',
  }),
});
type Variables = z.output<typeof webhookServerFields>;

const portOf = ({ WEBHOOK_PORT, PORT = 8080 }: Partial<Variables>): number => WEBHOOK_PORT ?? PORT;

export const webhookServerRules = [
  rule<Variables>(
    (set) =>
      set.WEBHOOK_ADMIN_PORT === undefined || set.WEBHOOK_ADMIN_PORT === 0 || set.WEBHOOK_ADMIN_PORT !== portOf(set),
    'WEBHOOK_ADMIN_PORT',
    'must be a port number other than WEBHOOK_PORT',
  ),
];

export interface WebhookServerConfig {
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  /** Where metrics and probes are answered. Undefined: at `port`. */
  readonly adminPort?: number;
  /** How long an idle connection stays open, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long new connections are still taken once the process shuts down, in milliseconds. */
  readonly shutdownDelayMs: number;
}

export function webhookServerConfig(variables: Variables): WebhookServerConfig {
  return {
    host: variables.WEBHOOK_HOST,
    port: portOf(variables),
    adminHost: variables.WEBHOOK_ADMIN_HOST,
    ...(variables.WEBHOOK_ADMIN_PORT !== undefined && { adminPort: variables.WEBHOOK_ADMIN_PORT }),
    keepAliveMs: variables.WEBHOOK_KEEP_ALIVE,
    shutdownDelayMs: variables.WEBHOOK_SHUTDOWN_DELAY,
  };
}
