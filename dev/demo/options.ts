import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly messages: string;
  readonly keep: boolean;
  readonly help: boolean;
}

/** The file of messages without `--messages`. */
export const DEFAULT_MESSAGES = 'examples/messages.jsonl';

export const USAGE = `Usage: npm run demo -- [options]

Starts Temporal with its Web UI, a simulator of RBM and an SMS gateway, the
worker and the webhook. Sends the messages of a file, then compares each
delivery's outcome with what the phone really got.

  --messages FILE   JSON Lines, one delivery per line. agentId and messageId
                    are optional. dev/simulator/demo-phones.ts says how the
                    phones behave; any other number gets its message after
                    0.5 s. Default: ${DEFAULT_MESSAGES}
  --keep            keep everything running; print addresses and commands
  --help            print this text

TEMPORAL_ADDRESS: the demo uses this Temporal server and starts none. It never
shares a task queue with another worker: if message-delivery has one, the demo
uses another task queue; if the TASK_QUEUE that you set has one, the demo
refuses to start.
PAYLOAD_ENCRYPTION_KEYS: Temporal stores the messages encrypted.
The worker also reads its own variables, such as METRICS_PORT,
NOTIFY_ALLOWED_HOSTS and NOTIFY_SECRET.

Exit code: 0 if every outcome agrees with its phone; 1 if one does not, or
something failed; 2 for wrong options, a wrong environment, a task queue in
use, or no valid message.`;

/** Throws a TypeError for an unknown option. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { messages: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  return {
    messages: values.messages ?? DEFAULT_MESSAGES,
    keep: values.keep ?? false,
    help: values.help ?? false,
  };
}
