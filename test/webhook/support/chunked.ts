import { request } from 'node:http';

/** Returns one chunk of the chunked transfer coding. */
export const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Returns the body in chunks of this length, with the last chunk. */
export function inChunks(body: string, length: number): string {
  const chunks = Array.from({ length: Math.ceil(body.length / length) }, (_, at) =>
    chunkOf(body.slice(at * length, (at + 1) * length)),
  );
  return `${chunks.join('')}0\r\n\r\n`;
}

/** Posts without a Content-Length. Resolves to 0 if the connection broke without an answer. */
export function postChunked(
  url: string,
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  length = body.length,
): Promise<number> {
  return new Promise((resolve) => {
    const call = request(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', () => {
      resolve(0);
    });
    for (let at = 0; at < body.length; at += length) call.write(body.slice(at, at + length));
    call.end();
  });
}
