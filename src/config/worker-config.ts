import { z } from 'zod';
import { RBM_REGIONS, type Agents, type RbmRegion } from '../contract/agents.js';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import type { ProxyVariables } from '../http/proxies.js';
import type { SmsConfig } from '../sms/from-config.js';
import { RBM_AGENTS } from './agents-config.js';
import { encryptionWarnings } from './encryption-warnings.js';
import { notifyConfig, notifyFields, notifyRules, type NotifyConfig } from './notify-config.js';
import { LOG_LEVEL, type LogLevel } from './log-level.js';
import { readEnvironment, type Environment } from './read-environment.js';
import { inProduction, productionFields } from './production.js';
import { PAYLOAD_ENCRYPTION_KEYS, RECIPIENT_HASH_KEY, TASK_QUEUE } from './shared-variables.js';
import { smsConfig, smsFields, smsRules } from './sms-config.js';
import type { TemporalConnection } from './temporal-connection.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing-config.js';
import { versionConfig, versionFields, versionRules, type VersionConfig } from './version-config.js';
import { baseUrl, flag, oneOf, readableFile, rule, text, variable } from './variable.js';
import { workerListenerConfig, workerListenerFields, type WorkerListenerConfig } from './worker-listener-config.js';
import { workerFields, workerSettings, type WorkerSettingsConfig } from './worker-settings-config.js';

const fields = z.object({
  RBM_AGENTS,
  RBM_REGION: variable(oneOf(RBM_REGIONS).optional(), {
    description: "The region of RBM's API for agents that have none in RBM_AGENTS, by default us.",
    must: `must be one of ${RBM_REGIONS.join(', ')}`,
  }),
  RBM_ENDPOINT: variable(baseUrl.optional(), {
    description: "RBM's base URL, for a proxy or a simulator, instead of every region.",
    must: 'must be an http or https URL without credentials or a query',
    isUrl: true,
  }),
  GOOGLE_APPLICATION_CREDENTIALS: variable(readableFile.optional(), {
    description: "Google's credentials file; if unset, Google's Application Default Credentials are used.",
    must: 'must name a readable file',
  }),
  GOOGLE_CLOUD_QUOTA_PROJECT: variable(text.regex(/^[a-z0-9.:-]+$/).optional(), {
    description: "The Google Cloud project that RBM's calls count for, instead of the credentials' quota_project_id.",
    must: 'must be the id of a Google Cloud project',
  }),
  ...smsFields.shape,
  ...notifyFields.shape,
  ...workerFields.shape,
  ...versionFields.shape,
  ...workerListenerFields.shape,
  LOG_LEVEL,
  TASK_QUEUE,
  PAYLOAD_ENCRYPTION_KEYS,
  PAYLOAD_ENCRYPTION_REQUIRED: variable(flag.prefault('false'), {
    description:
      'Refuses deliveries and signals that are not encrypted; with true, PAYLOAD_ENCRYPTION_KEYS must be set.',
    must: 'must be true or false',
  }),
  RECIPIENT_HASH_KEY,
  ...productionFields,
  ...tracingFields.shape,
});

export const workerVariables = fields.check(
  rule<z.output<typeof fields>>(
    (set) => set.RBM_REGION === undefined || set.RBM_ENDPOINT === undefined,
    'RBM_ENDPOINT',
    'must not be set together with RBM_REGION',
  ),
  rule<z.output<typeof fields>>(
    (set) => set.PAYLOAD_ENCRYPTION_REQUIRED !== true || set.PAYLOAD_ENCRYPTION_KEYS !== undefined,
    'PAYLOAD_ENCRYPTION_KEYS',
    'is missing: PAYLOAD_ENCRYPTION_REQUIRED=true needs it',
  ),
  ...smsRules,
  ...notifyRules,
  ...versionRules,
);

export interface WorkerConfig extends TracingConfig, VersionConfig, WorkerListenerConfig {
  readonly temporal: TemporalConnection;
  /** See `readProxies`. */
  readonly proxies?: ProxyVariables;
  /** The hosts to which anything may be sent over http, beside this machine. Undefined: every host. */
  readonly cleartextHosts?: readonly string[];
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  /** true: what is not encrypted is refused. Then there are `encryptionKeys`. */
  readonly encryptionRequired: boolean;
  readonly taskQueue: string;
  readonly settings: WorkerSettingsConfig;
  readonly agents: Agents;
  readonly rbm: {
    /** Undefined if there is an `endpoint`. */
    readonly region?: RbmRegion;
    readonly endpoint?: string;
    readonly credentialsFile?: string;
    readonly quotaProject?: string;
  };
  /** In order of preference. Empty: no SMS leg. */
  readonly sms: readonly SmsConfig[];
  /** Undefined: a delivery's `notify` is refused. */
  readonly notify?: NotifyConfig;
  /** One key, or several separated by commas or line breaks. Undefined: opt-outs are not looked up. */
  readonly recipientHashKey?: string;
  readonly logLevel: LogLevel;
  /** What the role logs at its start: sentences without a secret. */
  readonly warnings: readonly string[];
}

/** The worker's configuration. Throws a ConfigurationError. */
export function readWorkerConfig(environment?: Environment): WorkerConfig {
  const { variables, temporal, proxies, warnings } = readEnvironment(workerVariables, environment);
  const notify = notifyConfig(variables);
  const { tracingWarnings = [], ...tracing } = tracingConfig(environment);
  const {
    RBM_REGION: region = 'us',
    RBM_ENDPOINT: endpoint,
    GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
    GOOGLE_CLOUD_QUOTA_PROJECT: quotaProject,
  } = variables;
  return {
    temporal,
    ...(proxies !== undefined && { proxies }),
    ...(inProduction(variables) && { cleartextHosts: variables.ALLOW_CLEARTEXT_HOSTS ?? [] }),
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    encryptionRequired: variables.PAYLOAD_ENCRYPTION_REQUIRED,
    taskQueue: variables.TASK_QUEUE,
    settings: workerSettings(variables),
    ...versionConfig(variables),
    agents: variables.RBM_AGENTS ?? [],
    rbm: {
      ...(endpoint === undefined ? { region } : { endpoint }),
      ...(credentialsFile !== undefined && { credentialsFile }),
      ...(quotaProject !== undefined && { quotaProject }),
    },
    sms: smsConfig(variables),
    ...(notify !== undefined && { notify }),
    ...(variables.RECIPIENT_HASH_KEY !== undefined && { recipientHashKey: variables.RECIPIENT_HASH_KEY }),
    ...workerListenerConfig(variables),
    logLevel: variables.LOG_LEVEL,
    warnings: [
      ...warnings,
      ...encryptionWarnings('worker', { temporal, encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
      ...tracingWarnings,
    ],
    ...tracing,
  };
}
