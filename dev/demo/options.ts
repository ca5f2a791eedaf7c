import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly messages: string;
  readonly keep: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run demo -- [options]

Starts Temporal with its Web UI, a simulator of RBM and an SMS gateway, the worker and the webhook, sends the messages
of a file, and compares how each delivery ended with what the phone really got.

  --messages FILE   JSON Lines, one delivery each (default: examples/messages.jsonl). agentId and messageId may be left
                    out. Phones behave as dev/simulator/demo-phones.ts says; any other number delivers at once.
  --keep            leave everything running at the end, and say how to look around
  --help            this text

With TEMPORAL_ADDRESS set it starts no Temporal but uses the one there. It shares no task queue with a worker that is there
already: then it takes another than message-delivery, or refuses the TASK_QUEUE that is set. With PAYLOAD_ENCRYPTION_KEYS set,
what Temporal stores is encrypted. The worker also takes its own variables from the environment, such as METRICS_PORT, or
NOTIFY_ALLOWED_HOSTS and NOTIFY_SECRET.

Exit code: 0 when every delivery agrees with its phone, 1 when one does not or something failed, 2 for wrong options, a wrong
environment, a task queue that has a worker, or no valid message.`;

/** Throws a TypeError for an unknown option. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { messages: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  return {
    messages: values.messages ?? 'examples/messages.jsonl',
    keep: values.keep ?? false,
    help: values.help ?? false,
  };
}
