import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';

/**
 * Writes a program `temporal` into the folder: the real one, with a minute to connect. By default it gives up after five
 * seconds, which a busy machine may need.
 */
export async function writeTemporal(folder: string): Promise<void> {
  const { path } = await findTemporalCli({ env: { ...process.env, TEMPORAL_ADDRESS: '' } });
  const script = `#!/bin/sh\nexec '${path}' "$@" --client-connect-timeout 60s\n`;
  await writeFile(join(folder, 'temporal'), script, { mode: 0o755 });
}
