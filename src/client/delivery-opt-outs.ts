import { optOutScopes, type Agents } from '../contract/agents.js';
import type { Problem } from '../contract/check.js';
import { MAX_EVENT_ID, MAX_SEND_TIME } from '../contract/messages.js';
import { smsScope, type OptOutEntry, type OptOutLookUp, type OptOutPerson, type OptOuts } from '../contract/opt-out.js';
import { AGENT_ID_PATTERN, RFC_3339 } from '../contract/patterns.js';
import { hasLoneSurrogate, isBlank } from '../contract/texts.js';
import type { OptOutSummary } from '../opt-out/list-opt-outs.js';
import { InvalidInputError } from './client-errors.js';
import { toE164, type CountryCode } from './normalize-recipient.js';
import { toTimestamp } from './start-input.js';
import { workThrough, type WorkOptions, type WorkResult } from './work-through.js';

/** What is said of an opt-out or its end. */
export interface OptOutSaid {
  /** Where it came from, 1 to 100 characters, no personal data. Default `client`, in an import `import`. */
  readonly source?: string | undefined;
  /** When the person said it. Default: now. */
  readonly sendTime?: string | Date | undefined;
  /** The same on every repetition of one event. */
  readonly eventId?: string | undefined;
}

/** One row of an import. */
export interface OptOutRow extends OptOutPerson, OptOutSaid {}

/**
 * Who wants no promotions. `recipient` may be any usual phone number. Every method throws a `DeliveryError`: an
 * `InvalidInputError` before it calls Temporal, also if there is no `recipientHashKey`.
 */
export interface DeliveryOptOuts {
  /**
   * Records that the person opted out, and resolves once that is durable. Repeating it is harmless. An opt-out that is
   * older than the person's latest opt-in changes nothing.
   */
  add(person: OptOutPerson, said?: OptOutSaid): Promise<void>;
  /**
   * Records that the person opted in again. A worker then ends the opt-out, unless the person opted out at that time or
   * later. With `channel: 'sms'` it ends an opt-out from SMS alone, without it one from every message.
   */
  remove(person: OptOutPerson, said?: OptOutSaid): Promise<void>;
  /** Strongly consistent. With `channel: 'sms'`: whether a promotion's SMS would be stopped, by either kind of opt-out. */
  has(person: OptOutPerson): Promise<boolean>;
  /** The opt-outs that last, from Temporal's index, which is some seconds behind. */
  list(filter?: OptOutFilter): AsyncGenerator<OptOutSummary, void, undefined>;
  /**
   * Adds many, at most `concurrency` at a time (default 20), and yields one result per row, in the rows' order. A row that
   * fails is a result too and stops no other.
   */
  import<Row extends OptOutRow>(
    rows: Iterable<Row> | AsyncIterable<Row>,
    options?: WorkOptions,
  ): AsyncGenerator<WorkResult<Row, undefined>, void, undefined>;
}

export interface OptOutFilter {
  /** Those that stop this agent's promotions: its own, and its brand's. */
  readonly agentId?: string | undefined;
  readonly limit?: number | undefined;
}

export interface DeliveryOptOutsOptions {
  /** Undefined if there is no `recipientHashKey`. */
  readonly optOuts: (OptOuts & OptOutLookUp) | undefined;
  readonly list: (which: {
    readonly scopes?: readonly string[] | undefined;
    readonly limit?: number | undefined;
  }) => AsyncGenerator<OptOutSummary, void, undefined>;
  readonly agents: Agents;
  readonly defaultCountry: CountryCode | undefined;
}

export function createDeliveryOptOuts(options: DeliveryOptOutsOptions): DeliveryOptOuts {
  const { agents, defaultCountry } = options;

  function optOuts() {
    if (options.optOuts !== undefined) return options.optOuts;
    throw new InvalidInputError([
      { field: 'recipientHashKey', problem: 'is missing: opt-outs need it (RECIPIENT_HASH_KEY)' },
    ]);
  }

  /** Throws an InvalidInputError. A caller without types may pass anything. */
  function checked(person: OptOutPerson, problems: readonly Problem[] = []): OptOutPerson {
    const { agentId, recipient } = person;
    const channel = person.channel ?? undefined;
    const number = typeof recipient === 'string' ? toE164(recipient, defaultCountry) : undefined;
    const all = [
      ...problem('agentId', "must be an RBM agent's id", AGENT_ID_PATTERN.test(agentId)),
      ...problem('recipient', 'must be a phone number with + and country calling code', number !== undefined),
      ...problem('channel', 'must be sms or absent', [undefined, 'sms'].includes(channel)),
      ...problems,
    ];
    if (number === undefined || all.length > 0) throw new InvalidInputError(all);
    return { agentId, recipient: number, ...(channel !== undefined && { channel }) };
  }

  async function add(person: OptOutPerson, said: OptOutSaid = {}, source = 'client'): Promise<undefined> {
    const entry = entryOf(said, source);
    await optOuts().add(checked(person, problemsOf(entry)), entry);
  }

  return {
    add,
    async remove(person, said = {}) {
      const entry = entryOf(said, 'client');
      await optOuts().remove(checked(person, problemsOf(entry)), entry);
    },
    async has(person) {
      return optOuts().isOptedOut(checked(person));
    },
    list({ agentId, limit } = {}) {
      if (agentId !== undefined && !AGENT_ID_PATTERN.test(agentId)) {
        throw new InvalidInputError([{ field: 'agentId', problem: "must be an RBM agent's id" }]);
      }
      const scopes = agentId === undefined ? undefined : optOutScopes(agents, agentId);
      return options.list({ limit, scopes: scopes?.flatMap((scope) => [scope, smsScope(scope)]) });
    },
    import: (rows, work) => workThrough(rows, (row) => add(row, row, 'import'), work),
  };
}

const problem = (field: string, what: string, holds: boolean): Problem[] => (holds ? [] : [{ field, problem: what }]);

/** A caller without types may pass null for what is absent. */
function entryOf(said: OptOutSaid, defaultSource: string): OptOutEntry {
  const eventId = said.eventId ?? undefined;
  return {
    source: said.source ?? defaultSource,
    sendTime: toTimestamp(said.sendTime ?? new Date()),
    ...(eventId !== undefined && { eventId }),
  };
}

const hasLength = (text: string, most: number): boolean =>
  typeof text === 'string' && text.length > 0 && text.length <= most && !hasLoneSurrogate(text);

/** The workflow ignores an entry with any of these, so it must not be sent. */
function problemsOf({ source, sendTime, eventId = 'none' }: OptOutEntry): readonly Problem[] {
  const isTime = hasLength(sendTime, MAX_SEND_TIME) && RFC_3339.test(sendTime) && !Number.isNaN(Date.parse(sendTime));
  return [
    ...problem(
      'source',
      'must have 1 to 100 characters, no half of one, and not be blank',
      hasLength(source, 100) && !isBlank(source),
    ),
    ...problem('sendTime', 'must be an RFC 3339 time', isTime),
    ...problem(
      'eventId',
      `must have 1 to ${String(MAX_EVENT_ID)} characters, no half of one`,
      hasLength(eventId, MAX_EVENT_ID),
    ),
  ];
}
