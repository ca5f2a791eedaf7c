import type { Payload } from '@temporalio/common';

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
/** In the input and the result of a delivery and of its requests to RBM; in text inside of JSON, the quotes are escaped. */
const FIELD = String.raw`\\?"messageId\\?":\s*\\?"`;
/** A delivery's workflow id, which its requests for an SMS name. */
const WORKFLOW_ID = String.raw`message-delivery:[A-Za-z0-9._-]{1,128}:`;
const MESSAGE_ID = new RegExp(`(?:${FIELD}|${WORKFLOW_ID})(${UUID})`, 'g');

/** In one line of the log. Many programs cut longer lines. */
const MOST_IN_A_LINE = 100;

/**
 * The messageIds in these payloads, in parts for a line of the log each: whose content a caller reads. They are random, and
 * stand in each workflow id anyway. An event's payload names none. There is always one part.
 */
export function messageIdsIn(payloads: readonly Payload[]): readonly string[][] {
  const texts = payloads.map(({ data }) => Buffer.from(data ?? []).toString('utf8'));
  const found = texts.flatMap((text) => [...text.matchAll(MESSAGE_ID)].map(([, id = '']) => id.toLowerCase()));
  const ids = [...new Set(found)];
  const lines = Math.max(1, Math.ceil(ids.length / MOST_IN_A_LINE));
  return Array.from({ length: lines }, (_, line) => ids.slice(line * MOST_IN_A_LINE, (line + 1) * MOST_IN_A_LINE));
}
