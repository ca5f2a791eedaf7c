import type { AgentProfile } from './agents.js';
import type { Carriers } from './carriers.js';
import type { LaunchChange } from './launch-events.js';
import type { OptOuts } from './opt-outs.js';
import type { RbmOutage } from './outage.js';
import type { PhoneBehaviourInput, PresetName } from './phone-behaviour.js';
import type { Phones } from './phones.js';
import type { Platform } from './platform.js';
import type { EventBody } from './rbm-events.js';
import type { SmsProviderName } from './scripted-answer.js';
import type { SmsScripts } from './sms-scripts.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { AgentEventTruth, MessageTruth, OptOutTruth, Received, Truth, WholeTruth } from './truth.js';
import type { TwilioAccount, TwilioApiKey } from './twilio-account.js';
import type { WebhookAttempt } from './webhook-sender.js';

/** RBM, its phones and an SMS gateway, in one HTTP server. */
export interface Simulator {
  /** `http://127.0.0.1:port`. The value for RBM_ENDPOINT, and for TWILIO_API_URL if it need not refuse connections. */
  readonly url: string;
  /** The value for SMS_HTTP_URL. It has a port of its own, see {@link Simulator.setSmsConnections}. */
  readonly smsUrl: string;
  /** A value for TWILIO_API_URL, on a port of its own. */
  readonly twilioUrl: string;
  readonly twilio: TwilioAccount;
  readonly twilioApiKeys: readonly TwilioApiKey[];
  readonly phones: Phones;
  /** Replaces the phone's behaviour and restarts its scripts. Throws a ZodError if the behaviour is not valid. */
  readonly script: (phone: string, behaviour: PresetName | PhoneBehaviourInput) => void;
  /** Shows the phone all messages queued for it, as if it were online for a moment. */
  readonly bringOnline: Platform['bringOnline'];
  /** The person opts out, or in again. */
  readonly optOut: OptOuts['say'];
  /** A carrier launches or suspends an agent: RBM posts an AgentLaunchEvent. */
  readonly changeLaunchState: (change: LaunchChange) => void;
  readonly configureAgent: (agentId: string, profile: AgentProfile) => void;
  readonly addCarrier: Carriers['add'];
  /** RBM accepts nothing, or answers everybody in some other way. `{}` ends it. */
  readonly setOutage: RbmOutage['set'];
  /** Answers of an SMS provider to everybody, or to one sender. */
  readonly scriptSms: SmsScripts['script'];
  /** Whether smsUrl (`http`) or twilioUrl (`twilio`) takes connections. */
  readonly setSmsConnections: (provider: SmsProviderName, connections: 'refused' | 'accepted') => Promise<void>;
  /** What the phone really got, oldest first. */
  readonly groundTruth: (phone: string) => readonly Received[];
  readonly truthFor: (messageId: string) => MessageTruth;
  /** What the person said about opting out, oldest first. */
  readonly optOutsOf: (phone: string) => readonly OptOutTruth[];
  /** The events that agents sent to phones, oldest first. */
  readonly agentEvents: readonly AgentEventTruth[];
  readonly wholeTruth: () => WholeTruth;
  /** Clears the records. Queued messages, phones' scripts and opt-outs stay. */
  readonly forget: Truth['forget'];
  /** Writes the service account's JSON key into the folder. Returns the file's path. */
  readonly writeCredentials: (dir: string, fileName?: string) => Promise<string>;
  readonly expireTokens: () => void;
  readonly scriptTokenEndpoint: TokenEndpoint['script'];
  readonly tokenCalls: TokenEndpoint['calls'];
  readonly setWebhookUrls: (urls: { readonly rbm?: string; readonly sms?: string }) => void;
  /** From now on DELETE is answered under this reading: see `deleteReading` in SimulatorOptions. */
  readonly setDeleteReading: (reading: 'new' | 'old') => void;
  /** Makes RBM's handshake. True if the webhook answers it correctly. */
  readonly verifyWebhook: () => Promise<boolean>;
  /** Signs and posts any event body, in RBM's envelope. */
  readonly postEvent: (event: EventBody) => void;
  /** Every attempt to post an RBM event, oldest first. */
  readonly webhookLog: readonly WebhookAttempt[];
  /** Resolves when no webhook call is in flight or due. One that waits for its time, retry or URL does not count. */
  readonly idle: () => Promise<void>;
  /** Closes every connection and cancels every timer. */
  readonly stop: () => Promise<void>;
}
