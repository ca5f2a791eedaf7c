import { benchOptions, USAGE, type BenchOptions } from './options.js';
import { runBench } from './run-bench.js';

function optionsOrUsage(): BenchOptions {
  try {
    return benchOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

const options = optionsOrUsage();
if (options.help) process.stdout.write(`${USAGE}\n`);
else {
  try {
    await runBench(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}
// Late signals to deliveries that nobody waits for may still hold the process.
process.exit();
