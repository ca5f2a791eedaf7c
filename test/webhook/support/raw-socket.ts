import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface RawSocket {
  readonly socket: Socket;
  /** Returns everything that was received so far. */
  readonly received: () => string;
  /** Resolves when the connection is closed, perhaps with a reset. */
  readonly ended: Promise<unknown>;
}

/** Opens a bare connection, for what no HTTP client would send. */
export async function openSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return { socket, received: () => received, ended };
}
