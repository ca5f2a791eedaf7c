import { findTemporalCli, type FindOptions } from './find-temporal-cli.js';
import { locateTestServer } from './test-server.js';

/** Downloads or builds both servers ahead of time, and reports which ones they are. */
export async function prepareServers(options: FindOptions = {}): Promise<void> {
  const { onProgress = () => undefined, env = process.env } = options;
  const address = env['TEMPORAL_ADDRESS'] ?? '';
  const devServer =
    address === '' ? (await findTemporalCli(options)).source : `the one at ${address} (TEMPORAL_ADDRESS)`;
  onProgress(`dev server: ${devServer}`);
  onProgress(`test server: ${(await locateTestServer(options)).source}`);
}
