import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { freePort } from '../../dev/temporal/free-port.js';
import { withTestBed, type TestBed } from '../bed/test-bed.js';
import { AS_IS } from '../bed/variants.js';
import type { Messages } from '../load/messages.js';
import { holdsBy } from '../load/until.js';
import { costOf, type HistoryCost } from '../measure/history-cost.js';
import { heartbeatsIn, readMetrics } from '../measure/worker-requests.js';
import type { Table } from '../reporting/section.js';
import { paths, type Path } from './paths.js';

export interface PathCost {
  readonly title: string;
  readonly delivery: HistoryCost;
  /** The notifications' workflows together. Their starts are among the delivery's actions. */
  readonly children: HistoryCost;
  /** Those that reached Temporal. Each is an action that no history shows. */
  readonly heartbeats: number;
}

const LIMIT_MS = 60_000;

/** The exact cost of each path, of a delivery that was started by the client with all search attributes. */
export async function exactCosts(messages: Messages): Promise<readonly PathCost[]> {
  const port = await freePort();
  const variant = { ...AS_IS, workerEnv: { METRICS_PORT: String(port) } };
  return withTestBed({ variant }, async (bed) => {
    const costs: PathCost[] = [];
    let before = 0;
    // One after the other, so that the worker's heartbeats are those of one path.
    for (const path of paths(messages, `${bed.fake.url}/callback`)) {
      const cost = await play(bed, path);
      const heartbeats = heartbeatsIn(await readMetrics(port));
      costs.push({ ...cost, heartbeats: heartbeats - before });
      before = heartbeats;
    }
    return costs;
  });
}

async function play(bed: TestBed, { title, input, signal }: Path): Promise<Omit<PathCost, 'heartbeats'>> {
  const { workflowId } = await bed.start(input);
  const handle = bed.client.workflow.getHandle(workflowId);
  if (signal !== undefined) {
    const isReady = async () =>
      bed.fake.firstAt(signal.after, input.messageId) !== undefined && isIdle(await historyOf(bed.client, workflowId));
    if (!(await holdsBy(Date.now() + LIMIT_MS, isReady)))
      throw new Error(`${title}: the delivery does not come to rest.`);
    const event = { eventId: randomUUID(), sendTime: new Date().toISOString() };
    await handle.signal(signal.name, signal.name === 'smsStatus' ? { ...event, status: 'DELIVERED' } : event);
  }
  await handle.result();
  const history = await historyOf(bed.client, workflowId);
  return { title, delivery: costOf(history), children: await costOfChildren(bed.client, history) };
}

type History = readonly proto.temporal.api.history.v1.IHistoryEvent[];

async function historyOf(client: Client, workflowId: string): Promise<History> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** Nothing is under way: the next event would be a signal or a timer. A signal before that may cost a task less. */
function isIdle(history: History): boolean {
  const count = (...attributes: (keyof History[number])[]) =>
    history.filter((event) => attributes.some((attribute) => event[attribute] != null)).length;
  return (
    count('workflowTaskScheduledEventAttributes') ===
      count('workflowTaskCompletedEventAttributes', 'workflowTaskFailedEventAttributes') &&
    count('activityTaskScheduledEventAttributes') ===
      count('activityTaskCompletedEventAttributes', 'activityTaskFailedEventAttributes') &&
    count('startChildWorkflowExecutionInitiatedEventAttributes') ===
      count('childWorkflowExecutionCompletedEventAttributes') &&
    count('timerStartedEventAttributes') > 0
  );
}

async function costOfChildren(client: Client, history: History): Promise<HistoryCost> {
  const ids = history.flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child?.workflowId ?? [],
  );
  const costs = await Promise.all(
    ids.map(async (id) => {
      await client.workflow.getHandle(id).result();
      return costOf(await historyOf(client, id));
    }),
  );
  const sum = (of: (cost: HistoryCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  return {
    events: sum(({ events }) => events),
    workflowTasks: sum(({ workflowTasks }) => workflowTasks),
    // A child's start is one of the two actions that its parent has for it.
    actions: sum(({ actions }) => actions - 1),
  };
}

export function exactCostTable(costs: readonly PathCost[]): Table {
  return {
    title: 'Events, workflow tasks and actions of each path (exact)',
    columns: ['path', 'events', 'workflow tasks', 'actions', 'of its notifications', 'heartbeats', 'actions in all'],
    rows: costs.map(({ title, delivery, children, heartbeats }) => [
      title,
      ...[delivery.events, delivery.workflowTasks, delivery.actions].map(String),
      children.events === 0 ? '-' : `${children.events} / ${children.workflowTasks} / ${children.actions}`,
      String(heartbeats),
      String(delivery.actions + children.actions + heartbeats),
    ]),
  };
}
