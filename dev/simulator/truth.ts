import type { SmsProviderName } from './scripted-answer.js';
import type { TwilioCredential } from './twilio-account.js';

/** One HTTP call and its answer. Times are milliseconds of the simulator's clock. */
export interface Call {
  readonly at: number;
  /** Absent while the call is open. */
  answeredAt?: number;
  /** The HTTP status, or the fault that took its place. */
  answer?: number | 'hang' | 'reset' | 'truncated';
  /** Whether this call queued, revoked or sent something. */
  tookEffect: boolean;
  /** Of a request for an SMS: who was asked, by which sender, and how long the SMS is of use. */
  readonly provider?: SmsProviderName;
  readonly sender?: string;
  readonly validitySeconds?: number;
  /** Of a request to Twilio. */
  readonly credential?: TwilioCredential;
}

/** What a person said to an agent, or to a sender of SMS. */
export interface OptOutTruth {
  /** When the person said it. */
  readonly at: number;
  readonly says: 'UNSUBSCRIBE' | 'SUBSCRIBE';
  readonly channel: 'rcs' | 'sms';
  /** Without `@rbm.goog`. Absent for an opt-out from SMS. */
  readonly agentId?: string;
  /** Of an opt-out from SMS: this sender's alone. */
  readonly sender?: string;
  /** When the webhook first answered 200 to the event or to the keyword. */
  heardAt?: number;
}

/** An event that the agent sent to the phone. */
export interface AgentEventTruth {
  readonly at: number;
  readonly phone: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly messageId?: string;
}

/** A message that a phone really got. */
export interface Received {
  readonly channel: 'RCS' | 'SMS';
  readonly at: number;
  readonly messageId?: string;
  readonly reference?: string;
  readonly text?: string;
  /** A promotion that the person got after opting out. */
  readonly afterOptOut?: true;
}

/** What really happened to one message. Times are milliseconds of the simulator's clock. */
export interface MessageTruth {
  readonly messageId: string;
  phone?: string;
  agentId?: string;
  /** What the create call said, or the agent's single use case. */
  messageTrafficType?: string;
  acceptedAt?: number;
  /** The expireTime that the create call asked for. */
  expireTime?: number;
  /** How many copies the phone showed. */
  rcs: number;
  shownAt?: number;
  revokedAt?: number;
  revokedBy?: 'delete' | 'expiry';
  /** How many SMS were accepted for this message. */
  sms: number;
  /** How many of these SMS the phone got. */
  smsDelivered: number;
  /** How many of these copies and SMS were of a PROMOTION and reached the phone after the person had opted out. */
  afterOptOut: number;
  /** When the first SMS request came, whatever its answer was. */
  smsRequestedAt?: number;
  smsAcceptedAt?: number;
  firstDeleteAt?: number;
  readonly creates: Call[];
  readonly deletes: Call[];
  readonly smsRequests: Call[];
}

/** The recipient of an SMS, and the reference in which the message id can be found. */
export interface SmsSubject {
  readonly to: string;
  readonly reference?: string;
}

/** All records, as `GET /__simulator/truth` returns them. */
export interface WholeTruth {
  readonly messages: Readonly<Record<string, MessageTruth>>;
  readonly phones: Readonly<Record<string, readonly Received[]>>;
  readonly optOuts: Readonly<Record<string, readonly OptOutTruth[]>>;
  readonly agentEvents: readonly AgentEventTruth[];
}

/** Records what really happened, for tests and the demo to compare with. */
export interface Truth {
  /** The record of one message. Creates an empty one for an unknown id. */
  readonly of: (messageId: string) => MessageTruth;
  readonly phone: (phone: string) => readonly Received[];
  /** What the person said, oldest first. */
  readonly optOuts: (phone: string) => readonly OptOutTruth[];
  readonly agentEvents: readonly AgentEventTruth[];
  readonly whole: () => WholeTruth;
  readonly received: (phone: string, what: Received) => void;
  readonly said: (phone: string, what: OptOutTruth) => void;
  readonly sentEvent: (event: AgentEventTruth) => void;
  /** The message that an SMS replaces: found by the reference, else the last one created for that phone. */
  readonly ofSms: (subject: SmsSubject) => MessageTruth | undefined;
  readonly forget: () => void;
}

/** Adds the record of a call. The answer completes it. */
export function openCall(calls: Call[], at: number, about: Partial<Call> = {}): Call {
  const call: Call = { at, tookEffect: false, ...about };
  calls.push(call);
  return call;
}

export function createTruth(): Truth {
  const messages = new Map<string, MessageTruth>();
  const phones = new Map<string, Received[]>();
  const optOuts = new Map<string, OptOutTruth[]>();
  const agentEvents: AgentEventTruth[] = [];
  const of = (id: string) => {
    const messageId = id.toLowerCase();
    const known = messages.get(messageId);
    if (known !== undefined) return known;
    const counts = { rcs: 0, sms: 0, smsDelivered: 0, afterOptOut: 0 };
    const empty = { messageId, ...counts, creates: [], deletes: [], smsRequests: [] };
    messages.set(messageId, empty);
    return empty;
  };
  const referred = (reference: string) => {
    const id = UUID.exec(reference)?.[0];
    return id === undefined ? undefined : of(id);
  };
  return {
    of,
    phone: (phone) => phones.get(phone) ?? [],
    optOuts: (phone) => optOuts.get(phone) ?? [],
    agentEvents,
    whole: () => ({
      messages: Object.fromEntries(messages),
      phones: Object.fromEntries(phones),
      optOuts: Object.fromEntries(optOuts),
      agentEvents,
    }),
    received(phone, what) {
      add(phones, phone, what);
    },
    said(phone, what) {
      add(optOuts, phone, what);
    },
    sentEvent(event) {
      agentEvents.push(event);
    },
    ofSms: ({ to, reference }) =>
      (reference === undefined ? undefined : referred(reference)) ??
      [...messages.values()].findLast((message) => message.phone === to),
    forget() {
      messages.clear();
      phones.clear();
      optOuts.clear();
      agentEvents.length = 0;
    },
  };
}

function add<Value>(lists: Map<string, Value[]>, phone: string, value: Value): void {
  const all = lists.get(phone);
  if (all === undefined) lists.set(phone, [value]);
  else all.push(value);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
