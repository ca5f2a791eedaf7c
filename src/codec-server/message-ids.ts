import type { Payload } from '@temporalio/common';

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
/** In the input and the result of a delivery and of its requests to RBM; in text inside of JSON, the quotes are escaped. */
const FIELD = String.raw`\\?"messageId\\?":\s*\\?"`;
/** A delivery's workflow id, which its requests for an SMS name. */
const WORKFLOW_ID = String.raw`message-delivery:[A-Za-z0-9._-]{1,128}:`;
const MESSAGE_ID = new RegExp(`(?:${FIELD}|${WORKFLOW_ID})(${UUID})`, 'g');

/** More are not logged. A page of the Web UI shows one delivery. */
const MOST = 20;

/**
 * The messageIds in these payloads: whose content a caller reads. They are random, and stand in each workflow id anyway. An
 * event's payload names none.
 */
export function messageIdsIn(payloads: readonly Payload[]): string[] {
  const found = new Set<string>();
  for (const { data } of payloads) {
    for (const [, id = ''] of Buffer.from(data ?? [])
      .toString('utf8')
      .matchAll(MESSAGE_ID)) {
      found.add(id.toLowerCase());
      if (found.size === MOST) return [...found];
    }
  }
  return [...found];
}
