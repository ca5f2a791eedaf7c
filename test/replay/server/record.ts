import { writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { build } from '../../cli/program.js';
import { ofNoMachine } from './of-no-machine.js';
import { SERVER_PATHS } from './paths.js';
import { startServerRig } from './server-rig.js';

/*
 * Records a history for each path on Temporal's dev server: `npx tsx test/replay/server/record.ts [NAME…]`. A released
 * history is never recorded again: deliveries like it are still waiting somewhere.
 */
const names = process.argv.slice(2);
build();
const rig = await startServerRig();
for (const [name, play] of Object.entries(SERVER_PATHS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const { workflowId } = await play(rig.place(name));
  const history = await rig.client.workflow.getHandle(workflowId).fetchHistory();
  const json = ofNoMachine(historyToJSON(history));
  await writeFile(new URL(`../histories-of-a-server/${name}.json`, import.meta.url), json);
  console.log(name, history.events?.length);
}
await rig.stop();
// The killed workers' polls may still keep connections open.
process.exit();
