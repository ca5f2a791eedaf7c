import {
  CancellationScope,
  condition,
  defineSignal,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/common';
import type { OptOutActivities } from '../activities/opt-out-activities.js';
import { describeProblems, isObject, problemsOf, withoutNulls, type Problem, type Schema } from '../contract/check.js';
import { MINUTE, SECOND } from '../contract/duration.js';
import { inMarkdown } from '../contract/markdown.js';
import { MAX_EVENT_ID, MAX_SEND_TIME } from '../contract/messages.js';
import {
  optInSignal,
  optOutSignal,
  optOutStatusQuery,
  renewSignal,
  type OptOutEntry,
  type OptOutInput,
  type OptOutStatus,
} from '../contract/opt-out.js';
import { endOf, heard, openRecord, optOutStatusOf, type OptOutRecord } from '../domain/opt-out.js';
import { afterSweep, nextSweepAt, startSweeps, type Sweeps } from '../domain/opt-out-sweeps.js';
import { toTime } from '../domain/plan.js';
import { measureIgnored } from './metrics.js';
import { openedInput } from './received-input.js';
import { createSetAside, type SetAside } from './set-aside.js';

/** What one run hands to the next. */
interface OptOutState {
  readonly record: OptOutRecord;
  readonly sweeps: Sweeps;
  /** The deliveries that have had the signal. */
  readonly signalled: readonly string[];
}

/** A new run begins after this many events. An ordinary opt-out has some thirty. */
const LONG_HISTORY = 500;
/** More are forgotten and get the signal again, which is harmless. */
const MAX_SIGNALLED = 5_000;
/** A round signals up to 200 deliveries. More rounds would find those again that are forgotten. */
const MAX_ROUNDS = 25;

const { revokePromotions } = proxyActivities<OptOutActivities>({
  startToCloseTimeout: MINUTE,
  // Without an end: what is in flight must be stopped, however long Temporal's index can't be read.
  retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: MINUTE },
  summary: "signal the person's running deliveries",
});

/**
 * One person's opt-out in one scope. It runs as long as the person is opted out, so whether it runs answers "may we send?".
 * The signal `optOut` starts it or adds to it, `optIn` ends it. In its first minutes it looks for deliveries in flight and
 * signals them. A request to cancel it has no effect: only the person, or who acts for them, ends an opt-out.
 */
export async function optOut(input?: OptOutInput, former?: OptOutState): Promise<OptOutStatus> {
  const startedAt = workflowInfo().startTime.getTime();
  openedInput(input);
  openedInput(former);
  const state: State = {
    ...(former ?? { record: openRecord(startedAt), sweeps: startSweeps(startedAt), signalled: [] }),
  };
  let search = searchedBy(input);
  // Only an opt-in must be sealed where that is required: an opt-out that somebody forged does less harm than a lost one.
  const setAside = createSetAside({ takesCleartext: [optOutSignal.name] });
  const hearOptOut = onEntry(setAside, optOutSignal, (entry, added) => {
    search = together(search, searchedBy(added));
    const record = heard(state.record, 'optOut', entry, Date.now());
    if (record !== state.record) state.sweeps = startSweeps(Date.now(), state.sweeps);
    state.record = record;
  });
  const hearOptIn = onEntry(setAside, optInSignal, (entry) => {
    state.record = heard(state.record, 'optIn', entry, Date.now());
  });
  let renewed = false;
  setHandler(renewSignal, () => {
    renewed = true;
  });
  setHandler(optOutStatusQuery, () => optOutStatusOf(state.record));
  return CancellationScope.nonCancellable(async () => {
    // Not awaited: an opt-in during a long sweep ends the workflow.
    void sweepWhenDue(state, () => search);
    for (;;) {
      for (const { name, args } of setAside.takeUsable()) (name === optOutSignal.name ? hearOptOut : hearOptIn)(args);
      const { record } = state;
      const status = optOutStatusOf(record);
      setCurrentDetails(detailsOf(status));
      if (endOf(record) !== null) return status;
      if (renewed || workflowInfo().historyLength > LONG_HISTORY) await nextRun(search, state);
      await condition(() => state.record !== record || renewed);
    }
  });
}

/** The memo is given again, so that it is encrypted with the current key. */
function nextRun(input: OptOutInput, state: OptOutState): Promise<never> {
  const { memo } = workflowInfo();
  Object.values(memo ?? {}).forEach(openedInput);
  return makeContinueAsNewFunc<typeof optOut>({ ...(memo !== undefined && { memo }) })(input, state);
}

type State = { -readonly [Field in keyof OptOutState]: OptOutState[Field] };

/** Never ends, since an opt-out that is said again starts the sweeps again. */
async function sweepWhenDue(state: State, search: () => OptOutInput): Promise<void> {
  const canFind = () => search().recipientHashes.length > 0 && search().agentIds.length > 0;
  for (;;) {
    if (!canFind()) await condition(canFind);
    const { sweeps } = state;
    const dueAt = nextSweepAt(sweeps);
    const restarted = () => state.sweeps !== sweeps;
    if (dueAt === null) await condition(restarted);
    else if (dueAt > Date.now()) await condition(restarted, dueAt - Date.now(), { summary: 'until the next sweep' });
    else {
      const began = Date.now();
      await sweep(state, search());
      if (!restarted()) state.sweeps = afterSweep(sweeps, began);
    }
  }
}

async function sweep(state: State, search: OptOutInput): Promise<void> {
  const last = state.record.entries.findLast(({ said }) => said === 'optOut');
  const { source = 'unknown', sendTime = toTime(state.record.since) } = last ?? {};
  for (let [more, rounds] = [true, 0]; more && rounds < MAX_ROUNDS; rounds += 1) {
    const found = await revokePromotions({ ...search, except: state.signalled, source, sendTime });
    state.signalled = [...state.signalled, ...found.signalled].slice(-MAX_SIGNALLED);
    ({ more } = found);
  }
}

const ENTRY: Schema = {
  type: 'object',
  properties: {
    source: { type: 'string', minLength: 1, maxLength: 100 },
    sendTime: { type: 'string', minLength: 1, maxLength: MAX_SEND_TIME },
    eventId: { type: 'string', minLength: 1, maxLength: MAX_EVENT_ID },
  },
  required: ['source', 'sendTime'],
};

type Definition = SignalDefinition<[OptOutEntry, OptOutInput?]>;

/**
 * Sets the signal's handler, and returns what it does with a signal that was not set aside. A bad payload is ignored with a
 * warning: it must not end an opt-out, nor keep it from ending.
 */
function onEntry(
  setAside: SetAside,
  { name }: Definition,
  hear: (entry: OptOutEntry, search?: unknown) => void,
): (args: readonly unknown[]) => void {
  const take = ([given, search]: readonly unknown[]) => {
    const entry = withoutNulls(ENTRY, given);
    const problems: Problem[] = problemsOf(ENTRY, entry);
    if (problems.length === 0 && Number.isNaN(Date.parse((entry as OptOutEntry).sendTime)))
      problems.push({ field: 'sendTime', problem: 'must be an RFC 3339 time' });
    if (problems.length === 0) {
      hear(entry as OptOutEntry, search);
      return;
    }
    measureIgnored(name, 'invalid');
    log.warn('signal ignored: bad payload', { signal: name, problems: describeProblems(problems) });
  };
  setHandler(defineSignal<unknown[]>(name), (...args) => {
    if (!setAside.add({ name, args })) take(args);
  });
  return take;
}

/** An opt-out that somebody started with a wrong input still counts. It only signals no delivery. */
function searchedBy(input: unknown): OptOutInput {
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
  const { recipientHashes, agentIds } = isObject(input) ? input : {};
  return { recipientHashes: texts(recipientHashes), agentIds: texts(agentIds) };
}

const together = (one: OptOutInput, other: OptOutInput): OptOutInput => ({
  recipientHashes: [...new Set([...one.recipientHashes, ...other.recipientHashes])],
  agentIds: [...new Set([...one.agentIds, ...other.agentIds])],
});

/** What the Web UI shows of it: Markdown, the latest entry first, no number. */
function detailsOf({ since, until, entries }: OptOutStatus): string {
  const headline = until === null ? `**Opted out** since ${since}.` : `Opted out from ${since} until ${until}.`;
  const lines = entries
    .map(({ said, source, sendTime }) => `- ${inMarkdown(sendTime)}: ${said} (${inMarkdown(source)})`)
    .reverse();
  return [headline, '', ...lines].join('\n');
}
