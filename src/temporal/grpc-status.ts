import type { status, ServiceError as GrpcError } from '@grpc/grpc-js';
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
