/** The activities and their ports, for a program that creates its own worker. */
export { createActivities, type ActivityDependencies } from './create-activities.js';
export type { OptOutDependencies } from './check-opt-out.js';
export type { MessageActivities } from './message-activities.js';
export { createNotificationActivities, type NotificationActivities } from './notification-activities.js';
export { createOptOutActivities, type OptOutActivities } from './opt-out-activities.js';
export { RunHistoryError, type RunEvent, type RunHistories, type RunHistoryProblem } from './run-histories.js';
export { NotifyError, type NotifyErrorKind } from '../notify/notify-error.js';
export { createNotifier, type Notifier, type NotifierOptions, type NotifyRequest } from '../notify/notifier.js';
export { createRbmAuth, type RbmAuth, type RbmAuthOptions } from '../rbm/rbm-auth.js';
export { createRbmClient, type RbmClient, type RbmClientOptions } from '../rbm/rbm-client.js';
export { rbmEndpoint, rbmEndpointPerAgent, type RbmEndpointFor, type RbmRegion } from '../rbm/rbm-endpoint.js';
export { RbmError, type RbmErrorKind } from '../rbm/rbm-error.js';
export { createHttpSmsProvider, type HttpSmsProviderOptions } from '../sms/http-provider.js';
export { createTwilioProvider, type TwilioProviderOptions } from '../sms/twilio-provider.js';
export { SmsError, type SmsErrorFields, type SmsErrorKind } from '../sms/sms-error.js';
export type { SmsProvider, SmsReconcileRequest, SmsReconciliation, SmsRequest } from '../sms/sms-provider.js';
export type { SmsReason } from '../contract/failures.js';
