import { bareAgentId } from '../contract/ids.js';
import type { RbmEventSignal } from '../contract/messages.js';
import { readRbmEvent, type RbmEvent } from '../rbm/webhook-event.js';
import { sparsely } from '../observability/sparsely.js';
import type { Edge } from './edge.js';
import { createForwarder, type Forwarder, type ForwarderOptions, type RawEvent } from './forwarder.js';
import { createHandover, type EventSignal, type HandOver } from './handover.js';
import { createLateDuplicates, type LateDuplicates } from './late-duplicates.js';
import { repliesOf, signalOf, type MessageEvent } from './rbm-signals.js';
import { handOverCounted } from './hand-over-counted.js';
import type { Verdict } from './webhook-metrics.js';

export interface RbmConsumer {
  /** Resolves when the event may be acknowledged; throws what it is to be answered with otherwise. */
  readonly consume: (data: Buffer, raw: RawEvent) => Promise<void>;
  /** Begins nothing any more that no answer waits for. */
  readonly stop: () => void;
}

interface Room {
  readonly edge: Edge;
  readonly handOver: HandOver;
  readonly forward: Forwarder;
  readonly late: LateDuplicates;
  readonly isOurs: (agentId: string | undefined) => boolean;
  readonly warnUnreadable: (reason: string) => void;
}

/** Takes events whose signature is right: to the delivery they belong to, or on to whoever else wants them. */
export function createRbmConsumer(
  options: ForwarderOptions & { readonly agents?: readonly string[] | undefined },
  edge: Edge,
): RbmConsumer {
  const room: Room = {
    edge,
    handOver: createHandover(edge),
    forward: createForwarder(options, edge),
    late: createLateDuplicates(edge),
    isOurs: allowList(options.agents),
    warnUnreadable: sparsely<string>((leftOut, reason) => {
      edge.log.warn({ reason, leftOut }, 'an event of RBM can not be read');
    }),
  };
  return { consume: (data, raw) => consume(room, readRbmEvent(data), raw), stop: room.late.stop };
}

async function consume(room: Room, event: RbmEvent, raw: RawEvent): Promise<void> {
  const { metrics } = room.edge;
  switch (event.kind) {
    case 'delivered':
    case 'read':
    case 'ttlRevoked':
    case 'ttlRevokeFailed': {
      const verdict = await toDelivery(room, event);
      return isConsumed(verdict) ? undefined : room.forward(event, raw);
    }
    case 'userMessage':
      await signalReplies(room, event);
      return passOn(room, event, raw);
    case 'typing':
    case 'subscription':
    case 'other':
      return passOn(room, event, raw);
    case 'unreadable':
      metrics.event('rbm', event.kind, 'unreadable');
      room.warnUnreadable(event.reason);
      // It is RBM's all the same: whoever takes the rest may read it.
      return room.forward(event, raw);
  }
}

async function toDelivery(room: Room, event: MessageEvent): Promise<Verdict> {
  const { edge, isOurs } = room;
  if (!isOurs(event.agentId)) {
    edge.metrics.event('rbm', event.kind, 'foreignAgent');
    return 'foreignAgent';
  }
  return signal(room, signalOf(event, new Date()));
}

/** A reply stays the conversation's: it is signalled and passed on, in this order, so that a repetition does both. */
async function signalReplies(room: Room, event: Extract<RbmEvent, { kind: 'userMessage' }>): Promise<void> {
  if (!room.isOurs(event.agentId)) return;
  await Promise.all(repliesOf(event, new Date()).map((reply) => signal(room, reply)));
}

async function signal({ handOver, edge, late }: Room, event: EventSignal<RbmEventSignal>): Promise<Verdict> {
  const { verdict, fresh } = await handOverCounted({ handOver, edge, source: 'rbm', event });
  if (event.proof && verdict === 'closed' && fresh) late.lookAt(event.delivery);
  return verdict;
}

function passOn({ edge, forward, isOurs }: Room, event: Exclude<RbmEvent, MessageEvent>, raw: RawEvent) {
  const foreign = 'agentId' in event && !isOurs(event.agentId);
  edge.metrics.event('rbm', event.kind, foreign ? 'foreignAgent' : 'notConsumed');
  return forward(event, raw);
}

/** Whether an event's story ends with us. `closed` and `refused` are of deliveries of ours. */
function isConsumed(verdict: Verdict): boolean {
  return verdict !== 'unknown' && verdict !== 'foreignAgent';
}

function allowList(agents: readonly string[] | undefined): Room['isOurs'] {
  if (agents === undefined) return () => true;
  if (agents.length === 0) throw new TypeError('agents must name at least one agent, or be left out');
  const allowed = new Set(agents.map(bareAgentId));
  return (agentId) => agentId === undefined || allowed.has(agentId);
}
