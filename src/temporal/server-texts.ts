/**
 * Decisions on texts that Temporal wrote for people, where no code tells the answers apart. Nothing else decides on
 * such a text about a delivery. src/cli reads some to word its own errors, and the logger to choose a level.
 * Seen on servers 1.29 to 1.32 and with SDK 1.24.
 */
import type { WorkflowNotFoundError } from '@temporalio/client';
import { grpcErrorOf, GrpcStatus } from './grpc-status.js';

/**
 * Whether the workflow exists but is closed. A workflow that never existed has the same NOT_FOUND with the same
 * details.
 */
export function saysClosed(error: WorkflowNotFoundError): boolean {
  return /already completed/.test(error.message);
}

/**
 * The server's text if it refused a search attribute. Only the text names the attribute, because INVALID_ARGUMENT has no
 * details. Undefined for any other error.
 */
export function searchAttributeRefusal(error: unknown): string | undefined {
  const failed = grpcErrorOf(error);
  if (failed?.code !== GrpcStatus.INVALID_ARGUMENT) return undefined;
  return /search attribute/i.test(failed.message) ? failed.message : undefined;
}

/**
 * Whether the server refused the credentials while a NativeConnection connected: its TransportError has no status code.
 */
export function saysCredentialsRefused(error: unknown): boolean {
  return error instanceof Error && /does not have permission|valid authentication credentials/.test(error.message);
}

/**
 * Whether gRPC refused to send a header, such as the API key, because of a character in it. Its text repeats the header.
 */
export function saysIllegalHeader(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^Metadata (?:string value|key) .*illegal characters$/s.test(error.message) || saysIllegalHeader(error.cause);
}

/** For people: the quoted cause in a TransportError's message, which is otherwise a dump, or else the whole message. */
export function readableReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /(?:message|error|code): ["']([^"']+)["']/.exec(message)?.[1] ?? message;
}
