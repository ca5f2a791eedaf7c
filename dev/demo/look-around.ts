import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/task-queues.js';
import type { DeliveryStack } from '../stack/delivery-stack.js';
import { DEFAULT_MESSAGES, type DemoOptions } from './options.js';

export type Surroundings = Pick<DeliveryStack, 'env' | 'config' | 'webhookUrl'> & {
  readonly temporal: Pick<DeliveryStack['temporal'], 'uiUrl' | 'namespace'>;
  readonly simulator: Pick<DeliveryStack['simulator'], 'url'>;
};

/** A longer list helps nobody. */
const MOST = 10;

/**
 * The text of `--keep`: addresses, and commands to paste. Each is a line that holds nothing else and fits into 80 columns.
 * docs/quick-start.md shows more commands.
 */
export function lookAround(stack: Surroundings, inputs: readonly MessageDeliveryInput[]): string {
  const { temporal, webhookUrl, simulator, config } = stack;
  const keys = config.encryptionKeys === undefined ? '' : ', with the same PAYLOAD_ENCRYPTION_KEYS';
  const ui = temporal.uiUrl && `${temporal.uiUrl}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows`;
  return [
    '\nEverything keeps running until Ctrl-C.',
    ...(ui === undefined ? [] : ["\nTemporal's Web UI, with the history of each delivery:", ui]),
    '\nWhat the phones got:',
    `${simulator.url}/__simulator/truth`,
    '\nWhether the webhook server is ready:',
    `${webhookUrl}/readyz`,
    `\nFor another terminal, in this folder${keys}:`,
    ...exports(stack),
    inputs.length > MOST
      ? `\nHow the first ${String(MOST)} deliveries went:`
      : '\nHow each delivery of the table went:',
    ...inputs
      .slice(0, MOST)
      .map(({ agentId, messageId }) => `npx rcs-delivery status ${shellWord(agentId)} ${messageId}`),
    '\nSend a message to a phone that is offline, and see where it stands:',
    'npx rcs-delivery send --agent demo-agent --to +15550100003 --ttl 60s --text Hi',
    'npx rcs-delivery list --recipient +15550100003',
    '\nMore to try, such as a delivery that stays uncertain, is in docs/quick-start.md',
  ].join('\n');
}

/** A line per variable, since all of them in one line would not fit into a terminal. */
function exports({ env, config, simulator }: Surroundings): string[] {
  const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE = '', RECIPIENT_HASH_KEY = '' } = env;
  const queue = config.taskQueue === DEFAULT_TASK_QUEUE ? {} : { TASK_QUEUE: config.taskQueue };
  const variables = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, ...queue, RECIPIENT_HASH_KEY, SIMULATOR: simulator.url };
  return Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`);
}

/** The text without `--keep`. Nothing runs any more, so it has no address. */
export function howToKeep({ messages }: Pick<DemoOptions, 'messages'>): string {
  const file = messages === DEFAULT_MESSAGES ? '' : ` --messages ${shellWord(messages)}`;
  return [
    "\nTo keep everything running, with Temporal's Web UI and commands to try:",
    `npm run demo -- --keep${file}`,
  ].join('\n');
}

const shellWord = (text: string) => (/^[\w.:/+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
