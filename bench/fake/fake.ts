import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromFake, RequestKind, SeenRequest, ToFake } from './protocol.js';

/** RBM, the SMS gateway and the receiver of callbacks, in a process of their own. */
export interface Fake {
  /** The base URL of all of them. */
  readonly url: string;
  /** When the first request of this kind and id came, epoch milliseconds; undefined if none has. */
  readonly firstAt: (kind: RequestKind, id: string) => number | undefined;
  /** How many different messages have had a request of this kind. */
  readonly count: (kind: RequestKind) => number;
  /** Calls the listener with the first request of each kind and id. */
  readonly onFirst: (listener: (request: SeenRequest) => void) => void;
  /** Leaves requests of this kind without an answer; null: none. */
  readonly hang: (kind: RequestKind | null) => void;
  readonly stop: () => Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));

export async function startFake(): Promise<Fake> {
  const child = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
  const times = new Map<string, number>();
  const counts = new Map<RequestKind, number>();
  const listeners: ((request: SeenRequest) => void)[] = [];
  const see = (request: SeenRequest) => {
    const key = `${request.kind} ${request.id}`;
    if (times.has(key)) return;
    times.set(key, request.at);
    counts.set(request.kind, (counts.get(request.kind) ?? 0) + 1);
    for (const listener of listeners) listener(request);
  };
  const listening = new Promise<number>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error('The fake of RBM and the SMS gateway stopped during its start.'));
    });
    child.on('message', (message: FromFake) => {
      if (message.type === 'listening') resolve(message.port);
      else message.requests.forEach(see);
    });
  });
  const port = await listening;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    firstAt: (kind, id) => times.get(`${kind} ${id}`),
    count: (kind) => counts.get(kind) ?? 0,
    onFirst: (listener) => {
      listeners.push(listener);
    },
    hang: (kind) => {
      child.send({ type: 'hang', kind } satisfies ToFake);
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
