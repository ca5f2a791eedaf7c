import { Client } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.js';
import { createNotificationActivities } from '../activities/notification-activities.js';
import { createOptOutActivities } from '../activities/opt-out-activities.js';
import type { TracingSettings } from '../config/tracing-config.js';
import { readWorkerConfig, type WorkerConfig } from '../config/worker-config.js';
import { hasWorkflows } from '../contract/task-queues.js';
import { createDataConverter } from '../encryption/data-converter.js';
import type { WorkerHealth } from '../health/worker-health.js';
import type { Logger } from '../observability/logger.js';
import { prometheusMetrics } from '../observability/metrics.js';
import { temporalLogging } from '../observability/temporal-logger.js';
import type { Tracing } from '../observability/tracing.js';
import type { Fetch } from '../http/exchange.js';
import { readProxies, type Proxies } from '../http/proxies.js';
import { createNotifier } from '../notify/notifier.js';
import { createOptOuts } from '../opt-out/opt-outs.js';
import { createRunningDeliveries } from '../opt-out/running-deliveries.js';
import { createRbmAuth, type RbmAuth } from '../rbm/rbm-auth.js';
import { createRbmClient } from '../rbm/rbm-client.js';
import { rbmEndpointPerAgent } from '../rbm/rbm-endpoint.js';
import { createSmsProvider } from '../sms/from-config.js';
import { identityOf } from '../temporal/identity.js';
import { createRunHistories } from '../temporal/run-histories.js';
import { createCurrentOptions } from '../temporal/current-options.js';
import { createRenewedConnection, type RenewedConnection } from '../temporal/renewed-connection.js';
import { connectToTemporal } from '../temporal/worker-connection.js';
import { createDeliveryWorker } from '../worker/create-worker.js';
import { measureOpenDeliveries } from '../worker/open-deliveries.js';
import { warnOfMissingSearchAttributes, warnOfShortRetention, warnWithoutAccess } from '../worker/startup-warnings.js';
import type { WorkerTracing } from '../worker/trace-worker.js';
import { logProxies } from './log-proxies.js';
import { portInUse } from './listen.js';
import { outgoingFetch } from './outgoing-fetch.js';
import { startLogging } from './start-logging.js';
import { metricsAddress } from './metrics-address.js';
import { pollsOf, watchedWorkers, withHealth } from './worker-health.js';

interface RunWorkerOptions {
  readonly config: WorkerConfig;
  readonly logger: Logger;
  /** Shuts the worker down gracefully: running activities get time to finish. */
  readonly signal: AbortSignal;
  readonly health: Pick<WorkerHealth, 'watch'>;
}

/** The process `worker`, configured by the environment. Throws a ConfigurationError. */
export async function startWorker(signal: AbortSignal): Promise<void> {
  const config = readWorkerConfig();
  const logger = startLogging('worker', config);
  await withHealth({ at: config.health, logger, signal }, (health) => runWorker({ config, logger, signal, health }));
}

/**
 * Runs deliveries until `signal` aborts. Waits for Temporal without limit. Rejects on a fatal error. Installs
 * Temporal's Runtime, so it can run once per process.
 */
async function runWorker({ config, logger, signal, health }: RunWorkerOptions): Promise<void> {
  await installRuntime(config, logger);
  const proxies = readProxies(config.proxies);
  logProxies({ proxies, address: config.temporal.address, logger });
  const fetch = outgoingFetch(config, proxies);
  const auth = createRbmAuth({ ...config.rbm, fetch });
  void warnWithoutAccess({ auth, logger, signal });
  const requests = await ports(config, { auth, fetch });
  if (config.sms.length === 0) logger.warn('SMS_PROVIDER is not set: deliveries have no SMS fallback');
  if (config.recipientHashKey === undefined) logger.warn(OPT_OUTS_OFF);
  const renewed = await connect({ config, proxies, logger, signal });
  if (renewed === undefined) return;
  const tracing = config.tracing && (await startWorkerTracing(config.tracing, logger));
  const stopped = new AbortController();
  try {
    const { temporal, taskQueue, settings, encryptionRequired } = config;
    const { address, namespace } = temporal;
    const { connection, calls } = renewed;
    const inNamespace = { connection, namespace, logger };
    await Promise.all([warnOfMissingSearchAttributes(inNamespace), warnOfShortRetention(inNamespace)]);
    const dataConverter = createDataConverter({ keys: config.encryptionKeys });
    const client = new Client({
      connection: calls,
      namespace,
      identity: IDENTITY,
      ...(dataConverter && { dataConverter }),
    });
    const { optOuts, optOutActivities } = optOutParts(config, client);
    const histories = createRunHistories({ client, encryptionRequired });
    const activities = {
      ...createActivities({ ...requests, histories, optOuts }),
      ...notificationActivities(config, fetch),
      ...optOutActivities,
    };
    const worker = await createDeliveryWorker({
      ...{ connection, namespace, taskQueue, settings, activities, dataConverter, encryptionRequired, tracing },
      version: config.version,
      worker: { identity: IDENTITY },
    });
    const workers = watchedWorkers(worker, taskQueue);
    renewed.keepRenewed(worker.workers.map((one) => one.worker));
    health.watch({ workers, lastPolls: pollsOf({ connection: calls, namespace, identity: IDENTITY }) });
    const shutdown = () => {
      logger.info('shutting down');
      worker.shutdown();
    };
    if (config.metrics !== undefined && worker.workers.some(({ queue }) => hasWorkflows(queue))) {
      const { metricMeter: meter } = Runtime.instance();
      void measureOpenDeliveries({ connection: calls, namespace, meter, logger, signal: stopped.signal });
    }
    const running = worker.run();
    if (signal.aborted) shutdown();
    else signal.addEventListener('abort', shutdown, { once: true });
    const sms = config.sms.map(({ provider }) => provider).join(',') || 'none';
    const queues = worker.workers.map(({ queue }) => queue).join(',');
    logger.info({ address, namespace, taskQueue, queues, sms }, 'worker running');
    await running;
    logger.info('worker stopped');
  } finally {
    stopped.abort();
    await tracing?.stop();
    await renewed.close();
  }
}

/** OpenTelemetry's libraries are large, so they are loaded only if spans are exported. */
async function startWorkerTracing(
  settings: TracingSettings,
  logger: Logger,
): Promise<WorkerTracing & Pick<Tracing, 'stop'>> {
  const { startTracing } = await import('../observability/tracing.js');
  const { traceWorker } = await import('../worker/trace-worker.js');
  const tracing = startTracing(settings, { serviceName: 'rcs-delivery-worker', logger });
  return { ...traceWorker(tracing), stop: tracing.stop };
}

/** Temporal's logs and metrics. They are set up once per process, before anything else of the SDK is used. */
async function installRuntime({ metrics }: WorkerConfig, logger: Logger): Promise<void> {
  const at = metrics === undefined ? undefined : await metricsAddress(metrics.host, metrics.port);
  const { logger: temporalLogger, telemetryOptions } = temporalLogging(logger);
  try {
    Runtime.install({
      logger: temporalLogger,
      // The process handles signals itself, so that they also work before the worker runs.
      shutdownSignals: [],
      telemetryOptions: { ...telemetryOptions, ...(at !== undefined && prometheusMetrics(at)) },
    });
  } catch (cause) {
    if (at === undefined) throw cause;
    throw portInUse('METRICS_PORT', cause);
  }
  if (at !== undefined) logger.info({ listening: [at] }, 'serving metrics');
}

/** Undefined if `signal` aborted first. */
async function connect({
  config,
  proxies,
  logger,
  signal,
}: Omit<RunWorkerOptions, 'health'> & { readonly proxies: Proxies }): Promise<RenewedConnection | undefined> {
  const { temporal } = config;
  const current = createCurrentOptions({ temporal, logger });
  const options = {
    temporal,
    current,
    route: proxies.toTemporal(temporal.address),
    logger,
    signal,
  };
  try {
    return createRenewedConnection({ ...options, connection: await connectToTemporal(options) });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

const IDENTITY = identityOf('rcs-delivery-worker');

const OPT_OUTS_OFF = 'RECIPIENT_HASH_KEY is not set: opt-outs are not looked up, so promotions go to everybody';
/** The time limit of one look-up, in milliseconds. */
const LOOK_UP_MS = 2_000;

/** Deliveries in flight are signalled even without a key: the opt-out brings their hashes along. */
function optOutParts({ recipientHashKey, taskQueue, agents }: WorkerConfig, { workflow: client }: Client) {
  const optOutActivities = createOptOutActivities({
    deliveries: createRunningDeliveries({ client, recipientHashKey }),
  });
  if (recipientHashKey === undefined) return { optOuts: undefined, optOutActivities };
  const optOuts = createOptOuts({ client, taskQueue, recipientHashKey, agents, timeoutMs: LOOK_UP_MS });
  return { optOuts, optOutActivities };
}

function notificationActivities({ notify }: WorkerConfig, fetch: Fetch) {
  return createNotificationActivities(notify === undefined ? {} : { notifier: createNotifier({ ...notify, fetch }) });
}

interface Outgoing {
  readonly auth: RbmAuth;
  readonly fetch: Fetch;
}

async function ports({ rbm: where, agents, sms }: WorkerConfig, { auth, fetch }: Outgoing) {
  const rbm = createRbmClient({ endpoint: rbmEndpointPerAgent(agents, where), auth, fetch });
  return { rbm, agents, sms: await Promise.all(sms.map((config) => createSmsProvider(config, fetch))) };
}
