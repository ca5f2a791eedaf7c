/** The workflow type and the default task queue (environment `TASK_QUEUE`). */
export const WORKFLOW_TYPE = 'messageDelivery';
export const DEFAULT_TASK_QUEUE = 'message-delivery';

const PREFIX = 'message-delivery';
const WORKFLOW_ID = /^message-delivery:([^:]+):([0-9a-f-]{36})$/;

export interface DeliveryId {
  readonly agentId: string;
  /** A UUID, the agentMessage's id in RBM. */
  readonly messageId: string;
}

/** RBM's requests name an agent `acme`, its events `acme@rbm.goog`: the same agent. */
export function bareAgentId(agentId: string): string {
  return agentId.replace(/@rbm\.goog$/, '');
}

/** `message-delivery:{agentId}:{messageId}`: the only place where this id is put together. */
export function workflowIdFor({ agentId, messageId }: DeliveryId): string {
  return `${PREFIX}:${bareAgentId(agentId)}:${messageId.toLowerCase()}`;
}

/** The inverse of {@link workflowIdFor}; undefined when the id is not one of ours. */
export function parseWorkflowId(workflowId: string): DeliveryId | undefined {
  const [, agentId, messageId] = WORKFLOW_ID.exec(workflowId) ?? [];
  return agentId !== undefined && messageId !== undefined ? { agentId, messageId } : undefined;
}
