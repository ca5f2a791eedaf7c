import { status, type ServiceError as GrpcError } from '@grpc/grpc-js';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** https://grpc.io/docs/guides/status-codes/ */
export { status as GrpcStatus } from '@grpc/grpc-js';

/**
 * The gRPC error of a failed call, also from inside the client's ServiceError. Undefined if the error is not a call's.
 */
export function grpcErrorOf(error: unknown): GrpcError | undefined {
  // First, because `instanceof ServiceError` is true for gRPC's own error, too: the SDK compares classes by their names.
  if (isGrpcServiceError(error)) return error;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : undefined;
}

export function grpcStatusOf(error: unknown): status | undefined {
  return grpcErrorOf(error)?.code;
}

/** The name of a gRPC status, such as `NOT_FOUND`. */
export type GrpcStatusName = keyof typeof status;

/**
 * Whether a call failed because the workflow does not exist. A missing namespace has the same NOT_FOUND, and is told apart
 * by the details that Temporal attaches.
 */
export function isWorkflowMissing(error: unknown): boolean {
  const failed = grpcErrorOf(error);
  if (failed?.code !== status.NOT_FOUND) return false;
  const details = failed.metadata.get('grpc-status-details-bin').map((entry) => Buffer.from(entry).toString('latin1'));
  return !details.some((text) => text.includes('NamespaceNotFoundFailure'));
}
