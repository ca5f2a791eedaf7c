import { ConfigurationError } from '../../src/config/configuration-error.js';
import { nodeWarning } from '../../src/config/node-version.js';
import { Cleanups } from '../stack/cleanups.js';
import { TaskQueueInUseError } from '../stack/pollers.js';
import { whenNpmIsGone } from './npm-is-gone.js';
import { demoOptions, USAGE, type DemoOptions } from './options.js';
import { runDemo } from './run-demo.js';
import { keepThisMachineOffProxies } from './off-the-proxy.js';

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

function optionsOrUsage(): DemoOptions {
  try {
    return demoOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

const options = optionsOrUsage();
if (options.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const warning = nodeWarning();
if (warning !== undefined) process.stderr.write(`${warning}\n`);
keepThisMachineOffProxies(process.env);
const cleanups = new Cleanups();
const end = (code: number) => void cleanups.run().finally(() => process.exit(code));
for (const [signal, code] of Object.entries(CODES))
  process.once(signal, () => {
    end(code);
  });
await whenNpmIsGone(() => {
  end(CODES.SIGTERM);
});
try {
  process.exitCode = await runDemo(options, cleanups);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError || error instanceof TaskQueueInUseError ? 2 : 1;
} finally {
  await cleanups.run();
}
