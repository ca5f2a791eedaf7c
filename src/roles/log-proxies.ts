import { nameOfRoute, type Proxies } from '../http/proxies.js';
import type { Logger } from '../observability/logger.js';
import { usableRoute } from '../temporal/temporal-route.js';

/** Logs which proxy is used for what, and one warning for each variable that can't be used. Nothing without a proxy. */
export function logProxies({
  proxies,
  address,
  logger,
}: {
  readonly proxies: Proxies;
  /** Temporal's. */
  readonly address: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}): void {
  if (proxies.summary === undefined) return;
  const temporal = usableRoute(proxies.toTemporal(address));
  logger.info({ proxies: { ...proxies.summary, temporal: nameOfRoute(temporal) } }, 'proxies are used');
  const ofTemporal = temporal.kind === 'unusable' ? [temporal] : [];
  // The same variable may be of no use for URLs either.
  const unusable = new Map([...ofTemporal, ...proxies.unusable].map((route) => [route.variable, route]));
  for (const { variable, problem } of unusable.values()) {
    logger.warn({ variable }, `${variable} ${problem}: what would go through this proxy is not sent`);
  }
}
