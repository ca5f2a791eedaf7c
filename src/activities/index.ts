/** The activities and their ports, for a program that creates its own worker. */
export { createActivities, type ActivityDependencies } from './create-activities.js';
export type { OptOutDependencies } from './check-opt-out.js';
export type { MessageActivities } from './message-activities.js';
export { createNotificationActivities, type NotificationActivities } from './notification-activities.js';
export { createOptOutActivities, type OptOutActivities } from './opt-out-activities.js';
export { NotifyError, type NotifyErrorKind } from '../notify/notify-error.js';
export { createNotifier, type Notifier, type NotifierOptions, type NotifyRequest } from '../notify/notifier.js';
export { createRbmAuth, type RbmAuth, type RbmAuthOptions } from '../rbm/rbm-auth.js';
export { createRbmClient, type RbmClient, type RbmClientOptions } from '../rbm/rbm-client.js';
export { rbmEndpoint, type RbmRegion } from '../rbm/rbm-endpoint.js';
export { RbmError, type RbmErrorKind } from '../rbm/rbm-error.js';
export { createHttpSmsProvider, type HttpSmsProviderOptions } from '../sms/http-provider.js';
export { createTwilioProvider, type TwilioProviderOptions } from '../sms/twilio-provider.js';
export {
  SmsError,
  type SmsErrorKind,
  type SmsProvider,
  type SmsReconcileRequest,
  type SmsReconciliation,
  type SmsRequest,
} from '../sms/sms-provider.js';
