import type { QueryDefinition, SignalDefinition } from '@temporalio/common';

/*
 * Opt-outs. One workflow `optOut` runs for each person and scope, as long as the person is opted out. A scope is a brand
 * or an agent (agents.ts), or the same with `/sms` for an opt-out that an SMS provider reported. Its id holds a keyed
 * hash of the number, and nothing of it holds the number itself. Its history is the audit trail.
 */

export const OPT_OUT_WORKFLOW_TYPE = 'optOut';

/** An opt-out or its end: where it came from, and when it was said. No personal data. */
export interface OptOutEntry {
  /** Such as `rbm`, `keyword STOP`, `sms:twilio 21610`, `import` or `operator`. 1 to 100 characters. */
  readonly source: string;
  /** RFC 3339. */
  readonly sendTime: string;
  /** The same on every repetition of the event. */
  readonly eventId?: string;
}

export interface OptOutId {
  readonly scope: string;
  /** The search attribute RecipientHash: 32 hexadecimal digits. */
  readonly recipientHash: string;
}

/** The workflow's input: what finds the person's running deliveries. Without it, the opt-out stops later messages only. */
export interface OptOutInput {
  /** The person's RecipientHash by every key that was configured. */
  readonly recipientHashes: readonly string[];
  /**
   * The agents whose running deliveries learn of it. Empty for an opt-out from SMS alone: a delivery looks that up before
   * each SMS.
   */
  readonly agentIds: readonly string[];
}

/** The memo `optOut` of the workflow, for lists. */
export interface OptOutMemo {
  readonly source: string;
  /** When the person opted out, RFC 3339. */
  readonly since: string;
}
export const OPT_OUT_MEMO = 'optOut';

const OPT_OUT_ID = /^opt-out:([^:]+):([0-9a-f]{32})$/;

/** The id of the workflow, `opt-out:{scope}:{recipientHash}`. Nothing else builds this id. */
export const optOutWorkflowIdFor = ({ scope, recipientHash }: OptOutId): string => `opt-out:${scope}:${recipientHash}`;

/** The inverse of {@link optOutWorkflowIdFor}; undefined if the id is not that of an opt-out. */
export function parseOptOutWorkflowId(workflowId: string): OptOutId | undefined {
  const [, scope, recipientHash] = OPT_OUT_ID.exec(workflowId) ?? [];
  return scope !== undefined && recipientHash !== undefined ? { scope, recipientHash } : undefined;
}

const SMS = '/sms';
/** The scope of opt-outs from SMS alone. */
export const smsScope = (scope: string): string => `${scope}${SMS}`;
export const isSmsScope = (scope: string): boolean => scope.endsWith(SMS);

/**
 * Starts the workflow, or adds to its audit trail. The second argument adds to what the workflow looks for: an agent may
 * have joined the brand since, or a key the configuration.
 */
export const optOutSignal = { type: 'signal', name: 'optOut' } as SignalDefinition<[OptOutEntry, OptOutInput?]>;
/** Ends it, unless the person opted out again after that. */
export const optInSignal = { type: 'signal', name: 'optIn' } as SignalDefinition<[OptOutEntry]>;

/**
 * Begins a new run, which is encrypted with the current key. For opt-outs that a key to be removed has encrypted, since
 * they may run for years (docs/opt-out.md).
 */
export const renewSignal = { type: 'signal', name: 'renew' } as SignalDefinition;

/** The answer of the query `status`, and the workflow's result once it has ended. */
export interface OptOutStatus {
  /** When the person opted out first, RFC 3339. */
  readonly since: string;
  /** When it ended, RFC 3339; null while it lasts. */
  readonly until: string | null;
  /** What was said, in the order in which it arrived. The latest 100 at most. */
  readonly entries: readonly (OptOutEntry & { readonly said: 'optOut' | 'optIn' })[];
}
export const optOutStatusQuery = { type: 'query', name: 'status' } as QueryDefinition<OptOutStatus>;

/** Whom an opt-out is about: a person, as a phone number, and the agent that it was said to. */
export interface OptOutPerson {
  readonly agentId: string;
  /** E.164. */
  readonly recipient: string;
  /** `sms`: an opt-out from SMS alone. Default: from every message. */
  readonly channel?: 'sms';
}

/** Records opt-outs and their ends. Each call resolves once that is durable, and throws if it can't be made so. */
export interface OptOuts {
  add(person: OptOutPerson, entry: OptOutEntry): Promise<void>;
  /**
   * Ends the opt-out that {@link OptOuts.add} makes for the same person. Does nothing if the person is not opted out.
   */
  remove(person: OptOutPerson, entry: OptOutEntry): Promise<void>;
}

/** Looks opt-outs up, strongly consistent: one that is durable is found. Throws if that can't be done now. */
export interface OptOutLookUp {
  /** `channel` `sms` finds both kinds; without it, opt-outs from SMS alone do not count. */
  isOptedOut(person: OptOutPerson): Promise<boolean>;
}
