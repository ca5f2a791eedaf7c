import { proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { MessageActivities } from '../../../src/activities/message-activities.js';

const once = { startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } } as const;

/** A messageDelivery gone wrong, to show that the replay suite notices: it texts before it revokes. */
export async function messageDelivery(input: never): Promise<void> {
  await proxyLocalActivities<MessageActivities>(once).sendRcs(input);
  await sleep('10s');
  const { revokeRcs, sendSms } = proxyActivities<MessageActivities>(once);
  await sendSms(input);
  await revokeRcs(input);
}
