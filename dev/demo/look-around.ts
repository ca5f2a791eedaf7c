import { randomUUID } from 'node:crypto';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/task-queues.js';
import type { DeliveryStack } from '../stack/delivery-stack.js';

/** The text of `--keep`: addresses, and commands to paste. docs/quick-start.md shows the same commands. */
export function lookAround({ temporal, env, config, webhookUrl, simulator }: DeliveryStack): string {
  const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE = '', RECIPIENT_HASH_KEY = '' } = env;
  const queue = config.taskQueue === DEFAULT_TASK_QUEUE ? {} : { TASK_QUEUE: config.taskQueue };
  const exported = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, ...queue, RECIPIENT_HASH_KEY, SIMULATOR: simulator.url };
  const variables = Object.entries(exported).map(([name, value]) => `${name}=${shellWord(value)}`);
  const keys = config.encryptionKeys === undefined ? '' : ', with the same PAYLOAD_ENCRYPTION_KEYS';
  return `
Everything keeps running until Ctrl-C:
  Temporal's Web UI   ${temporal.uiUrl ?? 'none'}
  webhook             ${webhookUrl}/readyz
  what phones got     ${simulator.url}/__simulator/truth
In another terminal${keys}:
  export ${variables.join(' ')}
  npx rcs-delivery send --agent demo-agent --to +15550100003 --text 'Hello' --ttl 60s --sms-text 'Hello'
  npx rcs-delivery status WORKFLOW_ID
  npx rcs-delivery list --recipient +15550100003
Add a phone that stays offline while RBM answers 503 to every revoke request. Half a minute later the outcome is UNCERTAIN:
  curl -X POST "$SIMULATOR/__simulator/phones" -H 'content-type: application/json' \\
    -d '{"phone": "+15550100042", "behaviour": {"rcs": "offline", "delete": 503}}'
  npx rcs-delivery send --input '{"agentId": "demo-agent", "messageId": "${randomUUID()}",
    "recipient": "+15550100042", "contentMessage": {"text": "Spring sale"}, "messageTrafficType": "PROMOTION", "ttl": "10s",
    "revocation": {"holdTimeout": "20s", "budget": "6s", "grace": "2s"}, "fallback": {"sms": {"text": "Spring sale"}}}'
  npx rcs-delivery list --status UNCERTAIN`;
}

const shellWord = (text: string) => (/^[\w.:/+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
