/*
 * Temporal, gRPC and OpenSSL give some causes only as text. The CLI reads that text here and nowhere else, and uses it
 * only for an error's wording and exit code.
 */

/** The messages of an error's causes, which come from gRPC and Temporal. */
export function causeText({ cause }: Error): string {
  return cause instanceof Error ? `${cause.message} ${causeText(cause)}` : '';
}

const CONNECTION_HINTS: readonly [RegExp, string][] = [
  [/ECONNREFUSED/, 'nothing is listening there'],
  [/Name resolution failed/, 'no such host'],
  [/wrong version number/i, 'it does not use TLS, but TEMPORAL_TLS, an API key or a profile turns TLS on'],
  [/alert.*certificate|certificate required/i, 'it rejects the client certificate of TEMPORAL_TLS_CLIENT_CERT_*'],
  [/certificate/i, 'its certificate is not trusted: check TEMPORAL_TLS_SERVER_CA_CERT_* and TEMPORAL_TLS_SERVER_NAME'],
];

/** What may be wrong with a connection, or undefined. `text` is gRPC's, with Node's or OpenSSL's inside. */
export function connectionHint(text: string, tls: boolean): string | undefined {
  const hint = CONNECTION_HINTS.find(([pattern]) => pattern.test(text))?.[1];
  if (hint !== undefined) return hint;
  // A server that waits for a TLS handshake accepts the connection and closes it.
  const closed = !tls && /Failed to connect|ECONNRESET/.test(text);
  return closed ? 'it closes the connection; if it expects TLS, set TEMPORAL_TLS=true' : undefined;
}

/**
 * What is wrong with --query, or undefined when Temporal's refusal was about something else. Temporal's position in the
 * query is left out, since the client has put --query into a longer one. program.ts redacts numbers.
 */
export function queryProblem(text: string): string | undefined {
  const attribute = /column name '([A-Za-z]\w{0,62})'/.exec(text)?.[1];
  if (attribute !== undefined) return `--query: this namespace has no search attribute ${attribute}`;
  if (!/invalid query|malformed/i.test(text)) return undefined;
  const [, found = ''] =
    /invalid query: (?:malformed SQL query: |invalid expression: )?([^\n]{1,200})/.exec(text) ?? [];
  const reason = found.replace(/ at position \d+/, '').trim();
  const parts = [reason, 'see https://docs.temporal.io/list-filter'].filter((part) => part !== '');
  return `Temporal does not understand --query: ${parts.join('; ')}`;
}

/** Whether Temporal refused to register a search attribute because the namespace has as many as its database holds. */
export const isOutOfAttributes = (details: string): boolean => details.includes('cannot have more than');

/** Whether Temporal's payload converter failed on a payload that no codec has decrypted. */
export const isStillEncrypted = (error: unknown): boolean =>
  error instanceof Error && (error.message.includes('binary/encrypted') || isStillEncrypted(error.cause));
