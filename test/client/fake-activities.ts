import type { MessageActivities } from '../../src/activities/message-activities.js';
import type { OptOutActivities } from '../../src/activities/opt-out-activities.js';

/** RBM accepts every message, revokes it when asked, and every SMS is accepted. No delivery is in flight. */
export const fakeActivities: MessageActivities & OptOutActivities = {
  sendRcs: ({ askedAt = Date.now() }) =>
    Promise.resolve({ acceptedEarlier: false, answeredTime: new Date(askedAt).toISOString() }),
  revokeRcs: () => Promise.resolve(),
  sendSms: () => Promise.resolve({ provider: 'http', providerMessageId: 'sms-1' }),
  reconcileSms: () => Promise.resolve({ found: 'no' }),
  measureOutage: () => Promise.resolve({ outageMs: 0 }),
  lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
  revokePromotions: () => Promise.resolve({ signalled: [], more: false }),
};
