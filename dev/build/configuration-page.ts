import { z } from 'zod';
import { checkGatewayVariables } from '../../src/config/check-gateway-config.js';
import { clientVariables } from '../../src/config/client-config.js';
import { codecServerVariables } from '../../src/config/codec-server-config.js';
import { proxyFields } from '../../src/config/proxy-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';

const ROLES: Readonly<Record<string, z.ZodObject>> = {
  worker: workerVariables,
  webhook: webhookVariables,
  commands: clientVariables,
  'codec-server': codecServerVariables,
  'check-gateway': checkGatewayVariables,
};

/** docs/configuration.md: every variable of every role, from the schemas that read them. */
export function configurationPage(): string {
  const readers = new Map<string, { roles: string[]; schema: z.ZodType }>();
  for (const [role, { shape }] of Object.entries(ROLES)) {
    for (const [name, schema] of Object.entries<z.ZodType>(shape)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, { roles: [role], schema });
      else known.roles.push(role);
    }
  }
  const owned = [...readers].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# Configuration',
    '',
    'Generated from the schemas in `src/config` by `npm run generate`; a test fails when it is out of date. A role with a',
    'missing or wrong variable exits at its start with code 2 and one message that lists every problem. An empty variable',
    'counts as unset. Spaces and line breaks around a value do not count, and neither does the case of words such as',
    '`true` or `europe`; `1`, `yes` and `on` mean `true`, and `0`, `no` and `off` mean `false`. One pair of quotes around a',
    'whole value is removed, since `docker run --env-file` and `kubectl --from-env-file` keep it.',
    '',
    'Kubernetes sets `WEBHOOK_PORT=tcp://10.0.0.1:8080` in each pod of a namespace that has a Service called `webhook`. Such a',
    'port counts as unset too, with one log line. `enableServiceLinks: false` in the pod spec keeps these variables out.',
    '',
    '| variable | read by | default | meaning | value |',
    '| --- | --- | --- | --- | --- |',
    ...owned.map(
      ([name, { roles, schema }]) => `| \`${name}\` | ${roles.join(', ')} | ${fallback(schema)} | ${meaning(schema)} |`,
    ),
    '',
    "## Temporal's own variables",
    '',
    'Read as the `temporal` command line reads them, by every role but the codec server and `check-gateway`: profiles in its',
    'configuration file work too.',
    '',
    '| variable | meaning | value |',
    '| --- | --- | --- |',
    ...rows(temporalVariables),
    '',
    '## Proxies',
    '',
    'Read by every role but the codec server, in upper or lower case: see',
    '[behind a proxy](environments.md#behind-a-proxy-for-outgoing-connections). A value that cannot be used keeps no role from',
    'starting: it is warned of, and what it is for is not sent.',
    '',
    '| variable | meaning | value |',
    '| --- | --- | --- |',
    ...rows(proxyFields),
    '',
  ].join('\n');
}

const rows = ({ shape }: z.ZodObject): string[] =>
  Object.entries<z.ZodType>(shape).map(([name, schema]) => `| \`${name}\` | ${meaning(schema)} |`);

/** What holds when the variable is unset. */
function fallback(schema: z.ZodType): string {
  const unset = schema.safeParse(undefined);
  if (!unset.success) return '**required**';
  // The text of a variable such as `5s`, not the number that it is read as.
  const byDefault = schema instanceof z.ZodPrefault ? schema.def.defaultValue : unset.data;
  return byDefault === undefined ? 'unset' : `\`${JSON.stringify(byDefault)}\``;
}

/** Two cells: what the variable is for, and the form that its value must have. */
function meaning(schema: z.ZodType): string {
  const { description = '', must } = schema.meta() ?? {};
  return [description, typeof must === 'string' ? must : ''].map((cell) => cell.replaceAll('|', '\\|')).join(' | ');
}
