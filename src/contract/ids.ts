export const WORKFLOW_TYPE = 'messageDelivery';

const PREFIX = 'message-delivery';
const WORKFLOW_ID = /^message-delivery:([^:]+):([0-9a-f-]{36})$/;

export interface DeliveryId {
  readonly agentId: string;
  /** A UUID, the agentMessage's id in RBM. */
  readonly messageId: string;
}

/** The agent id without `@rbm.goog`: RBM's requests name an agent `acme`, its events the same agent `acme@rbm.goog`. */
export function bareAgentId(agentId: string): string {
  return agentId.replace(/@rbm\.goog$/, '');
}

/** The workflow id of a delivery, `message-delivery:{agentId}:{messageId}`. Nothing else builds this id. */
export function workflowIdFor({ agentId, messageId }: DeliveryId): string {
  return `${PREFIX}:${bareAgentId(agentId)}:${messageId.toLowerCase()}`;
}

/** The inverse of {@link workflowIdFor}; undefined if the id is not that of a delivery. */
export function parseWorkflowId(workflowId: string): DeliveryId | undefined {
  const [, agentId, messageId] = WORKFLOW_ID.exec(workflowId) ?? [];
  return agentId !== undefined && messageId !== undefined ? { agentId, messageId } : undefined;
}
