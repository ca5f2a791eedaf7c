import { z } from 'zod';
import { proxyVariables, type ProxyVariables } from '../http/proxies.js';
import { httpSms, SMS_WEBHOOK_SECRET } from '../sms/http-provider.js';
import { inProduction, productionFields } from './production.js';
import { readVariables, type Environment } from './read-environment.js';
import { rule } from './variable.js';

const fields = z.object({ ...httpSms.sending.variables, SMS_WEBHOOK_SECRET, ...productionFields });
type Variables = z.output<typeof fields>;

export const checkGatewayVariables = fields.check(
  rule<Variables>(
    (set) => set.SMS_HTTP_URL !== undefined,
    'SMS_HTTP_URL',
    'is missing: give the URL as the argument, or set it',
  ),
  rule<Variables>((set) => set.SMS_HTTP_TOKEN !== undefined, 'SMS_HTTP_TOKEN', 'is missing: requests need a token'),
);

export interface CheckGatewayConfig {
  readonly url: string;
  readonly token: string;
  /** Undefined: receipts can't be checked. */
  readonly webhookSecrets?: readonly string[];
  /** See `readProxies`. */
  readonly proxies?: ProxyVariables;
  /** The hosts to which anything may be sent over http, beside this machine. Undefined: every host. */
  readonly cleartextHosts?: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * What a worker would read to use the gateway. `url` counts instead of SMS_HTTP_URL, by the same rules. Throws a
 * ConfigurationError.
 */
export function readCheckGatewayConfig(environment: Environment, url: string | undefined): CheckGatewayConfig {
  const given = url === undefined ? environment : { ...environment, SMS_HTTP_URL: url };
  const { variables, warnings } = readVariables(checkGatewayVariables, given);
  const { SMS_WEBHOOK_SECRET: webhookSecrets } = variables;
  const proxies = proxyVariables(environment);
  return {
    ...httpSms.sending.configure(variables),
    ...(webhookSecrets !== undefined && { webhookSecrets }),
    ...(proxies !== undefined && { proxies }),
    ...(inProduction(variables) && { cleartextHosts: variables.ALLOW_CLEARTEXT_HOSTS ?? [] }),
    warnings,
  };
}
