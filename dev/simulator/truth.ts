/** One HTTP call as it was seen and answered. Times in ms of the simulator's clock. */
export interface Call {
  readonly at: number;
  /** Absent while the call is still open. */
  answeredAt?: number;
  /** The HTTP status, or what became of the answer instead. */
  answer?: number | 'hang' | 'reset' | 'truncated';
  /** Whether this very call changed something: queued, revoked, or sent. */
  tookEffect: boolean;
}

/** Something that a phone really got. */
export interface Received {
  readonly channel: 'RCS' | 'SMS';
  readonly at: number;
  readonly messageId?: string;
  readonly reference?: string;
  readonly text?: string;
}

/** The referee's view of one message: what really happened, whoever knew of it. Times in ms of the simulator's clock. */
export interface MessageTruth {
  readonly messageId: string;
  phone?: string;
  acceptedAt?: number;
  /** The expireTime that the create call asked for. */
  expireTime?: number;
  /** Copies that the phone showed. */
  rcs: number;
  shownAt?: number;
  revokedAt?: number;
  revokedBy?: 'delete' | 'expiry';
  /** SMS accepted for this message. */
  sms: number;
  /** SMS that the phone got. */
  smsDelivered: number;
  /** When the first SMS request came in, whatever its answer. */
  smsRequestedAt?: number;
  smsAcceptedAt?: number;
  firstDeleteAt?: number;
  readonly creates: Call[];
  readonly deletes: Call[];
  readonly smsRequests: Call[];
}

/** Who an SMS was for. The reference means nothing to a gateway; the referee finds the message id in it. */
export interface SmsSubject {
  readonly to: string;
  readonly reference?: string;
}

/** Everything that is known, as the truth endpoint gives it. */
export interface WholeTruth {
  readonly messages: Readonly<Record<string, MessageTruth>>;
  readonly phones: Readonly<Record<string, readonly Received[]>>;
}

export interface Truth {
  /** The record of one message; an empty one when nothing was heard of it. */
  readonly of: (messageId: string) => MessageTruth;
  readonly phone: (phone: string) => readonly Received[];
  readonly whole: () => WholeTruth;
  readonly received: (phone: string, what: Received) => void;
  /** The message that an SMS stands in for: by its reference, else the last one created for that phone. */
  readonly ofSms: (subject: SmsSubject) => MessageTruth | undefined;
  readonly forget: () => void;
}

/** Opens the record of a call, which its answer completes. */
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
