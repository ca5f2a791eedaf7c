/**
 * What each folder may import besides its own files: other folders, packages with their subpaths, and Node's modules.
 * A longer name takes its files out of the shorter one. No folder imports one that imports it.
 */
// oxfmt-ignore
export const MAY_IMPORT = {
  // The pure part, and what the workflow bundle holds: no I/O, no Node, no clock.
  'src/contract': ['@temporalio/common'],
  'src/contract/bare-value.ts': [],
  'src/contract/schema': ['src/contract', 'zod'],
  'src/domain': ['src/contract'],
  'src/workflows': ['src/contract', 'src/domain', 'src/encryption/payloads',
    'types of src/activities', '@temporalio/common', '@temporalio/workflow'],

  'src/encryption/payloads': ['@temporalio/common'],

  // What the worker calls. Only the activities know of Temporal.
  'src/activities': ['src/activities/run-histories.ts', 'src/contract', 'src/http', 'src/notify', 'src/observability/sparsely.ts',
    'types of src/opt-out', 'src/rbm', 'src/sms', '@temporalio/activity', '@temporalio/common'],
  'src/activities/run-histories.ts': ['src/contract'],
  'src/http': ['src/contract/bare-value.ts', 'node:*', 'standardwebhooks', 'undici'],
  'src/notify': ['src/http'],
  'src/rbm': ['src/config/pem-text.ts', 'src/contract', 'src/http', 'src/observability/redact.ts', 'node:*', 'google-auth-library', 'zod'],
  'src/gateway-check': ['src/contract', 'src/domain', 'src/http', 'src/sms', 'node:*'],
  'src/sms': ['src/config/variable.ts', 'src/contract', 'src/http', 'src/observability/redact.ts', 'node:*', 'twilio', 'zod'],

  // What a backend service loads: no worker, no server.
  'src/index.ts': ['src/client', 'src/contract', 'src/encryption', 'src/opt-out'],
  // For the tests of a backend: a client that keeps its deliveries in memory.
  'src/testing': ['src/client', 'src/contract', 'src/domain', 'src/opt-out'],
  'src/client': ['src/contract', 'src/http', 'src/opt-out', 'src/temporal',
    'node:*', '@temporalio/client', '@temporalio/common', '@temporalio/proto', 'libphonenumber-js'],
  // Opt-outs as workflows: for the client, the worker and the webhook.
  'src/opt-out': ['src/contract', 'src/contract/bare-value.ts', 'src/temporal',
    'node:*', '@temporalio/client', '@temporalio/common', '@temporalio/proto'],
  'src/temporal': ['src/activities/run-histories.ts', 'src/contract', 'src/encryption', 'src/encryption/payloads', 'src/http', 'types of src/config',
    'src/observability', 'node:*', '@grpc/grpc-js', '@temporalio/client', '@temporalio/common',
    '@temporalio/proto'],
  'src/encryption': ['src/encryption/payloads', 'node:*', '@temporalio/common', '@temporalio/proto'],

  // The parts of a process.
  'src/config': ['src/config/pem-text.ts', 'src/config/variable.ts', 'src/contract', 'src/contract/bare-value.ts', 'src/encryption', 'src/http', 'src/sms',
    'node:*', '@temporalio/envconfig', 'zod'],
  'src/config/pem-text.ts': [],
  'src/config/variable.ts': ['node:*', 'zod'],
  'src/observability/redact.ts': [],
  'src/observability/sparsely.ts': [],
  'src/observability': ['src/contract', 'src/observability/redact.ts', 'types of src/config', 'node:*', '@opentelemetry/*', '@temporalio/common', 'pino',
    'types of @temporalio/client', 'types of @temporalio/worker'],
  'src/observability/temporal-logger.ts': ['src/contract', 'src/observability', '@temporalio/common', '@temporalio/worker'],
  'src/codec-server': ['src/encryption', 'src/encryption/payloads', 'src/http', 'src/observability', 'src/observability/sparsely.ts',
    'node:*', '@temporalio/common', 'fastify', 'zod'],
  'src/webhook': ['src/contract', 'src/http', 'src/observability', 'src/observability/sparsely.ts', 'src/rbm', 'src/sms', 'src/temporal',
    'node:*', '@temporalio/client', '@temporalio/common', 'fastify', 'lru-cache', 'pino', 'prom-client', 'zod'],
  'src/health': ['src/http', 'src/temporal', 'fastify'],
  'src/worker': ['src/activities', 'src/contract', 'src/encryption', 'src/http', 'src/observability',
    'src/observability/redact.ts', 'src/temporal',
    'src/workflows', 'types of src/rbm',
    'node:*', '@opentelemetry/api', '@temporalio/client', '@temporalio/common', 'types of @temporalio/proto',
    '@temporalio/worker'],
  'src/temporal/worker-connection.ts': ['src/http', 'src/temporal', 'types of src/config', 'types of src/observability',
    'node:*', '@temporalio/worker'],
  'src/temporal/renewed-connection.ts': ['src/http', 'src/temporal', 'src/temporal/worker-connection.ts',
    'types of src/config', 'types of src/observability', 'node:*', '@temporalio/client', '@temporalio/worker'],

  // One file per process, and the program that starts them.
  'src/roles': ['src/activities', 'src/client', 'src/codec-server', 'src/config', 'src/contract', 'src/encryption',
    'src/health', 'src/http', 'src/notify', 'src/observability', 'src/observability/temporal-logger.ts', 'src/opt-out', 'src/rbm',
    'src/sms', 'src/temporal', 'src/temporal/renewed-connection.ts', 'src/temporal/worker-connection.ts', 'src/webhook', 'src/worker',
    'node:*', '@temporalio/client', 'types of @temporalio/common', '@temporalio/worker', 'fastify', 'prom-client'],
  'src/cli': ['src/client', 'src/config', 'src/contract', 'src/encryption', 'src/gateway-check', 'src/http', 'src/observability',
    'src/observability/redact.ts',
    'types of src/opt-out', 'src/roles', 'src/temporal', 'src/worker', 'node:*', '@temporalio/client', 'commander'],

  // Never published; nothing in src/ imports it. The simulator shares no code with what it tests.
  'dev/build': ['src/**', 'dev/temporal', 'node:*', '@temporalio/worker', 'zod'],
  'dev/demo': ['src/client', 'src/config', 'src/contract', 'dev/simulator', 'dev/stack', 'dev/terminal', 'node:*'],
  'dev/lint': ['node:*'],
  'dev/node24': ['node:*'],
  'dev/pack': ['dev/temporal', 'node:*', 'typescript-6'],
  'dev/simulator': ['node:*', 'fastify', 'zod'],
  'dev/stack': ['src/config', 'src/contract', 'src/encryption', 'dev/simulator', 'dev/temporal', 'dev/terminal',
    'node:*', '@temporalio/client', '@temporalio/proto'],
  'dev/temporal': ['src/contract', 'dev/terminal', 'node:*', '@temporalio/client', '@temporalio/common', '@temporalio/envconfig', '@temporalio/testing'],
  'dev/terminal': ['node:*'],

  // Never published, never a part of a test run: it measures what the others make.
  'bench': ['src/client', 'src/contract', 'src/domain', 'src/http', 'src/observability',
    'src/observability/temporal-logger.ts', 'src/worker', 'dev/stack', 'dev/temporal', 'node:*',
    '@temporalio/activity', '@temporalio/client', '@temporalio/proto', '@temporalio/worker'],
  'bench/bare/workflow.ts': ['types of bench', '@temporalio/workflow'],

  // Examples import what a user can: the package, by its name.
  'examples': ['rcs-message-delivery', 'node:*', '@temporalio/*', 'fastify', 'prom-client'],
  'test/bench': ['bench', 'src/contract', 'vitest'],
  'test': ['src/**', 'dev/**', 'examples', 'node:*', 'any package'],
  'vitest.config.ts': ['test', 'vitest'],
  'vitest.examples.config.ts': ['vitest'],
};
