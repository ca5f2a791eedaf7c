import type { MessageActivities } from '../../src/activities/message-activities.js';

/** RBM accepts every message, revokes it when asked, and every SMS is accepted. */
export const fakeActivities: MessageActivities = {
  sendRcs: () => Promise.resolve({ acceptedEarlier: false }),
  revokeRcs: () => Promise.resolve(),
  sendSms: () => Promise.resolve({ provider: 'http', providerMessageId: 'sms-1' }),
  reconcileSms: () => Promise.resolve({ found: 'no' }),
  lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
};
