import { proxyActivities } from '@temporalio/workflow';

const { sendSms } = proxyActivities<{ readonly sendSms: () => Promise<void> }>({ startToCloseTimeout: '10s' });

/** Another release's idea of a delivery: its history does not replay on this build. */
export async function messageDelivery(): Promise<void> {
  await sendSms();
}
