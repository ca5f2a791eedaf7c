import { NamespaceNotFoundError } from '@temporalio/client';
import { TemporalRefusedError, TemporalUnavailableError } from '../client/client-errors.js';
import type { TemporalConnection } from '../config/temporal-connection.js';
import { UsageError } from './usage-error.js';

type Where = Pick<TemporalConnection, 'address' | 'namespace'>;

export const noNamespace = ({ address, namespace }: Where): UsageError =>
  new UsageError(`Temporal at ${address} has no namespace ${namespace} (TEMPORAL_NAMESPACE)`);

/** What Temporal, or its absence, means for whoever has set it up: which one it was, and what may be wrong. */
export function inTermsOf(temporal: TemporalConnection, error: unknown): unknown {
  const { address, options } = temporal;
  if (error instanceof TemporalUnavailableError) {
    const hint = hintIn(causeText(error), Boolean(options.tls));
    return new TemporalUnavailableError(`${error.reason} at ${address}${hint}`, error);
  }
  if (!(error instanceof TemporalRefusedError)) return error;
  if (error.cause instanceof NamespaceNotFoundError) return noNamespace(temporal);
  return new TemporalRefusedError(`${error.reason} at ${address}`, { cause: error });
}

/** An error's causes are the transport's own words, of which only the meaning is told. */
export function causeText({ cause }: Error): string {
  return cause instanceof Error ? `${cause.message} ${causeText(cause)}` : '';
}

const HINTS: readonly [RegExp, string][] = [
  [/ECONNREFUSED/, 'nobody listens there'],
  [/Name resolution failed/, 'no such host'],
  [/wrong version number/i, 'it speaks no TLS, which TEMPORAL_TLS, an API key or a profile asks for'],
  [/alert.*certificate|certificate required/i, 'it does not accept the certificate of TEMPORAL_TLS_CLIENT_CERT_*'],
  [/certificate/i, 'its certificate is not trusted: see TEMPORAL_TLS_SERVER_CA_CERT_* and TEMPORAL_TLS_SERVER_NAME'],
];

function hintIn(text: string, tls: boolean): string {
  const hint = HINTS.find(([words]) => words.test(text))?.[1];
  if (hint !== undefined) return `: ${hint}`;
  // It took the connection and hung up: so does a server that waits for a TLS handshake.
  return !tls && /Failed to connect|ECONNRESET/.test(text)
    ? ': it hangs up; if it wants TLS, set TEMPORAL_TLS=true'
    : '';
}
