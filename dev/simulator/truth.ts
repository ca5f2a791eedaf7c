/** One HTTP call and its answer. Times are milliseconds of the simulator's clock. */
export interface Call {
  readonly at: number;
  /** Absent while the call is open. */
  answeredAt?: number;
  /** The HTTP status, or the fault that took its place. */
  answer?: number | 'hang' | 'reset' | 'truncated';
  /** Whether this call queued, revoked or sent something. */
  tookEffect: boolean;
}

/** A message that a phone really got. */
export interface Received {
  readonly channel: 'RCS' | 'SMS';
  readonly at: number;
  readonly messageId?: string;
  readonly reference?: string;
  readonly text?: string;
}

/** What really happened to one message. Times are milliseconds of the simulator's clock. */
export interface MessageTruth {
  readonly messageId: string;
  phone?: string;
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
}

/** Records what really happened, for tests and the demo to compare with. */
export interface Truth {
  /** The record of one message. Creates an empty one for an unknown id. */
  readonly of: (messageId: string) => MessageTruth;
  readonly phone: (phone: string) => readonly Received[];
  readonly whole: () => WholeTruth;
  readonly received: (phone: string, what: Received) => void;
  /** The message that an SMS replaces: found by the reference, else the last one created for that phone. */
  readonly ofSms: (subject: SmsSubject) => MessageTruth | undefined;
  readonly forget: () => void;
}

/** Adds the record of a call. The answer completes it. */
export function openCall(calls: Call[], at: number): Call {
  const call: Call = { at, tookEffect: false };
  calls.push(call);
  return call;
}

export function createTruth(): Truth {
  const messages = new Map<string, MessageTruth>();
  const phones = new Map<string, Received[]>();
  const of = (id: string) => {
    const messageId = id.toLowerCase();
    const known = messages.get(messageId);
    if (known !== undefined) return known;
    const empty = { messageId, rcs: 0, sms: 0, smsDelivered: 0, creates: [], deletes: [], smsRequests: [] };
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
    whole: () => ({ messages: Object.fromEntries(messages), phones: Object.fromEntries(phones) }),
    received(phone, what) {
      const all = phones.get(phone);
      if (all === undefined) phones.set(phone, [what]);
      else all.push(what);
    },
    ofSms: ({ to, reference }) =>
      (reference === undefined ? undefined : referred(reference)) ??
      [...messages.values()].findLast((message) => message.phone === to),
    forget() {
      messages.clear();
      phones.clear();
    },
  };
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
