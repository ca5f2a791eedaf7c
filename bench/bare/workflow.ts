import { proxyActivities } from '@temporalio/workflow';
import type { BareActivities } from './activity.js';

const { post } = proxyActivities<BareActivities>({ startToCloseTimeout: '12s' });

/** The smallest useful workflow: one activity. Every cost of a delivery is a ratio to this one's. */
export async function bare(id: string): Promise<string> {
  return post(id);
}
