/** One request towards a webhook. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends once, follows no redirect, never throws: a request without an answer in time is `undefined`. */
export async function post(request: Post, timeoutMs: number, signal: AbortSignal): Promise<number | undefined> {
  try {
    const answer = await fetch(request.url, {
      method: 'POST',
      headers: { 'user-agent': 'simulator', ...request.headers },
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}
