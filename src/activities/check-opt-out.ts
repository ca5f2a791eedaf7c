import { log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import type { OptOutLookUp, OptOutPerson, OptOuts } from '../contract/opt-out.js';
import { within } from '../http/within.js';

export interface OptOutDependencies {
  /**
   * Looks up who has opted out; `add` records what an SMS provider reports. Absent: nobody counts as opted out, and the
   * first promotion logs a warning.
   */
  readonly optOuts?: OptOutPort | undefined;
}

export type OptOutPort = OptOutLookUp & Partial<Pick<OptOuts, 'add'>>;

const UNCHECKED =
  'opt-outs are not checked: set RECIPIENT_HASH_KEY, or pass optOuts to createActivities (docs/opt-out.md)';

/** Nobody has opted out. The first look-up logs a warning. */
export function createUncheckedOptOuts(): OptOutPort {
  let warned = false;
  return {
    isOptedOut: () => {
      if (!warned) log.warn(UNCHECKED);
      warned = true;
      return Promise.resolve(false);
    },
  };
}

/** A look-up takes some milliseconds. After this many it counts as impossible. */
export const LOOK_UP_MS = 2_000;
/** The failure of the SMS must not wait longer, or the activity would time out. The recording goes on after that. */
const RECORD_MS = 1_000;

export interface CheckOptOutOptions {
  readonly optOuts: OptOutPort;
  readonly person: OptOutPerson;
  /** How long the look-up may take, in milliseconds. Default: LOOK_UP_MS. */
  readonly timeoutMs?: number;
  /** Whether Temporal may repeat the attempt if the look-up was impossible. */
  readonly retryable: boolean;
  /** The details of the failure. */
  readonly details: () => FailureDetails;
}

/**
 * Call it right before a request that opt-outs stop. Throws `OptedOut`, which is final, or `OptOutUnknown` if the look-up
 * was impossible: in doubt nothing is sent.
 */
export async function checkOptOut(options: CheckOptOutOptions): Promise<void> {
  const { optOuts, person, timeoutMs = LOOK_UP_MS, retryable, details } = options;
  const lookUp = async () => optOuts.isOptedOut(person);
  const isOptedOut = await within(lookUp(), timeoutMs).catch((error: unknown) => {
    throw ApplicationFailure.create({
      type: FailureType.OptOutUnknown,
      message: `not sent: the person's opt-out could not be looked up (${nameOf(error)})`,
      nonRetryable: !retryable,
      details: [details()],
    });
  });
  if (!isOptedOut) return;
  throw ApplicationFailure.create({
    type: FailureType.OptedOut,
    message: 'not sent: the person has opted out',
    nonRetryable: true,
    details: [details()],
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * Records that an SMS provider refused an SMS because the person had stopped this sender's SMS. Never throws: the failure
 * of the SMS counts more. The provider refuses the next one too.
 */
export async function recordSmsOptOut(
  { optOuts }: Pick<CheckOptOutOptions, 'optOuts'>,
  { agentId, recipient }: OptOutPerson,
  { source, eventId }: { readonly source: string; readonly eventId: string },
): Promise<void> {
  const entry = { source, sendTime: new Date().toISOString(), eventId };
  const record = async () => optOuts.add?.({ agentId, recipient, channel: 'sms' }, entry);
  await within(record(), RECORD_MS).catch((error: unknown) => {
    log.warn('an opt-out from SMS could not be recorded', { source, reason: nameOf(error) });
  });
}

/** Never an error's message, which may repeat an id. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
