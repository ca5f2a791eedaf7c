import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { status } from '@grpc/grpc-js';

/** https://grpc.io/docs/guides/status-codes/ */
export { status as GrpcStatus } from '@grpc/grpc-js';

/** The gRPC status of a failed call, also inside the SDK's ServiceError. Undefined if the error is not a call's. */
export function grpcStatusOf(error: unknown): status | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Whether the call's deadline passed. Which of the two statuses it gets depends on the side that notices first. */
export function isDeadlineStatus(code: status | undefined): boolean {
  return code === status.DEADLINE_EXCEEDED || code === status.CANCELLED;
}
