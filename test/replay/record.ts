import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startRig } from '../workflows/rig.js';
import { PATHS } from './paths.js';

/*
 * Records a history for each path: `npx tsx test/replay/record.ts [NAME…]`. A released history is never recorded again:
 * deliveries like it are still waiting somewhere. A change that adds a path adds a history.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
/** A stack trace says where this checkout lies. */
const withoutPaths = (json: string) => json.replaceAll(root, '');
const names = process.argv.slice(2);
const rig = await startRig();
for (const [name, play] of Object.entries(PATHS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const history = await (await play(rig)).fetchHistory();
  await writeFile(new URL(`./histories/${name}.json`, import.meta.url), withoutPaths(`${historyToJSON(history)}\n`));
  console.log(name, history.events?.length);
}
await rig.stop();
