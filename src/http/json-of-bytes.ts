/** The JSON value of a body; undefined when it is not JSON in UTF-8. Never throws, and never quotes the body. */
export function jsonOfBytes(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
