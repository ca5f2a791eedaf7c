import { cancellationSignal } from '@temporalio/activity';
import { exchange } from '../../src/http/exchange.js';

/** The activity of the bare workflow: the same POST as a create, to the same process. */
export interface BareActivities {
  post(id: string): Promise<string>;
}

const BODY = JSON.stringify({
  contentMessage: { text: 'Your code is 482913' },
  messageTrafficType: 'AUTHENTICATION',
  expireTime: '2026-01-02T03:04:05.000Z',
});
const HEADERS = { authorization: 'Bearer bench', 'content-type': 'application/json' };

export function createBareActivities(baseUrl: string): BareActivities {
  return {
    async post(id) {
      const url = `${baseUrl}/bare/${id}`;
      const signal = cancellationSignal();
      const { status } = await exchange({
        url,
        method: 'POST',
        headers: HEADERS,
        body: BODY,
        timeoutMs: 10_000,
        signal,
      });
      return String(status);
    },
  };
}
