/** What a backend service imports: the client, and the contract that everybody shares. */
export { connectionOptionsFromFiles, type FileConnectionOptions } from './client/connection-options.js';
export { createDeliveryClient } from './client/delivery-client.js';
export type { DeliveryClient, DeliveryClientOptions, StartInput } from './client/delivery-client.js';
export type { DeliveryNotifications, SentAgain } from './client/delivery-notifications.js';
export type { NotificationFilter } from './client/notification-query.js';
export type {
  FailedNotification,
  NotificationFailure,
  PendingNotification,
  UnacceptedNotification,
} from './client/notification-state.js';
export type { DeliveryOptOuts, OptOutFilter, OptOutRow, OptOutSaid } from './client/delivery-opt-outs.js';
export type { DeliveryHandle, StartedDelivery, UpdateOptions } from './client/delivery-handle.js';
export type { DeliveryFilter } from './client/delivery-query.js';
export type { DeliverySummary } from './client/list-deliveries.js';
export type { StartManyOptions, StartResult } from './client/start-many.js';
export { messageIdFor } from './client/message-id.js';
export type { WorkOptions, WorkResult } from './client/work-through.js';
export { normalizeRecipient } from './client/normalize-recipient.js';
export type { CountryCode } from './client/normalize-recipient.js';
export {
  ConflictError,
  DeliveryClosedError,
  DeliveryError,
  DeliveryFailedError,
  DeliveryNotFoundError,
  InvalidInputError,
  NoWorkerError,
  SdkVersionError,
  TemporalRefusedError,
  TemporalUnavailableError,
  UpdateRejectedError,
} from './client/client-errors.js';
export type { DeliveryErrorCode } from './client/client-errors.js';

export { createDataConverter } from './encryption/data-converter.js';
export { parseEncryptionKeys } from './encryption/encryption-keys.js';
export type { EncryptionKey } from './encryption/encryption-keys.js';
export { PayloadDecryptionError } from './encryption/payload-decryption-error.js';
export type { PayloadDecryptionCode } from './encryption/payload-decryption-error.js';

export { createOptOuts, type OptOutsOptions } from './opt-out/opt-outs.js';
export type { OptOutSummary } from './opt-out/list-opt-outs.js';
export { createRunningDeliveries, type RunningDeliveries } from './opt-out/running-deliveries.js';

export type { Agent, Agents, RbmRegion } from './contract/agents.js';
export { parseAgents } from './contract/parse-agents.js';
export { bareAgentId, parseWorkflowId, WORKFLOW_TYPE, workflowIdFor } from './contract/ids.js';
export {
  DEFAULT_TASK_QUEUE,
  taskQueueFor,
  WORKER_QUEUES,
  workflowQueueFor,
  type WorkerQueue,
} from './contract/task-queues.js';
export type { DeliveryId } from './contract/ids.js';
export { checkInput } from './contract/input.js';
export type { CheckedInput, MessageDeliveryInput } from './contract/input.js';
export type { Problem } from './contract/check.js';
export { FailureType } from './contract/failures.js';
export {
  changeExpiryUpdate,
  deliveredSignal,
  optedOutSignal,
  readSignal,
  repliedSignal,
  revokeNowUpdate,
  smsStatusSignal,
  statusQuery,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
} from './contract/messages.js';
export type {
  ChangeExpiryInput,
  OptedOutSignal,
  RbmEventSignal,
  RevokeNowInput,
  SmsStatusSignal,
} from './contract/messages.js';
export { optInSignal, optOutSignal, optOutStatusQuery, optOutWorkflowIdFor, renewSignal } from './contract/opt-out.js';
export type { OptOutEntry, OptOutLookUp, OptOutPerson, OptOuts, OptOutStatus } from './contract/opt-out.js';
export { MESSAGE_TRAFFIC_TYPES } from './contract/rbm.js';
export type { MessageTrafficType } from './contract/rbm.js';
export { SEARCH_ATTRIBUTES } from './contract/search-attributes.js';
export type { SearchAttributeName } from './contract/search-attributes.js';
export type { DeliveryNotification } from './contract/notification.js';
export { END_REASONS, OUTCOMES, PHASES } from './contract/status.js';
export type {
  Channel,
  DeliveryStatus,
  EndReason,
  EvidenceSource,
  MessageDeliveryResult,
  Outcome,
  Phase,
  RcsSummary,
  SmsSummary,
  TimelineEntry,
} from './contract/status.js';
