import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Node's fetch and undici's report each request on it. */
const BODY_SENT = 'undici:request:bodySent';

/**
 * Resolves once the next POST of this process has been written to its connection. The gateway gets it all, and has hardly
 * answered yet.
 */
export function nextPostSent(): Promise<void> {
  return new Promise((resolve) => {
    const listener = (message: unknown) => {
      // A proxy's tunnel is a CONNECT of its own.
      if ((message as { readonly request: { readonly method: string } }).request.method !== 'POST') return;
      unsubscribe(BODY_SENT, listener);
      resolve();
    };
    subscribe(BODY_SENT, listener);
  });
}
