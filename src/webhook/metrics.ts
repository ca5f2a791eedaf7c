import type { FastifyPluginCallback } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { shared } from '../http/shared.js';
import type { SmsReceiptStatus } from '../sms/sms-receipts.js';
import { LAUNCH_STATES, type LaunchState } from '../rbm/rbm-event.js';
import { limitsOf, type WebhookLimits } from './limits.js';

/** Where an event came from: RBM, or an SMS provider by its name, such as `smsHttp`. */
export type Source = 'rbm' | `sms${string}`;

/** What became of an event. Every label value comes from a fixed list, so a sender can not add one. */
export type Verdict =
  /** The signal is durable in the delivery's history. */
  | 'signalled'
  /** The opt-out, or its end, is durable. */
  | 'recorded'
  /** It adds nothing to an earlier signal or opt-out. */
  | 'repeated'
  /** Its delivery's workflow is closed. */
  | 'closed'
  /** There is no such delivery. */
  | 'unknown'
  /** Temporal refuses the signal for good. */
  | 'refused'
  /** Its agent is not on the allow-list. */
  | 'foreignAgent'
  /** A receipt whose reference is no delivery's. */
  | 'foreign'
  /** It is not about a delivery. It is forwarded, if there is a receiver. */
  | 'notConsumed'
  /** An opt-out, or its end, that nobody records, because the webhook has no `optOuts`. */
  | 'notActedOn'
  /** An opt-out, or its end, without an agent or a number for which it could be recorded. */
  | 'incomplete'
  /** A receipt whose status changes nothing. */
  | 'ignored'
  /** The signature is right, but the content can not be read. */
  | 'unreadable'
  /** The signature is missing or wrong. */
  | 'unsigned'
  /** Not in the form of an event, or a verification request whose secret can not be answered. */
  | 'malformed'
  /** A verification request of RBM's that was answered. */
  | 'answered'
  /** A verification request with a wrong clientToken. */
  | 'forbidden'
  /** Not stored, because Temporal did not answer. Answered with 503. */
  | 'unavailable'
  /** Not stored, because too much was going on. Answered with 503. */
  | 'overloaded';

/** What became of an event that was offered to `onEvent` and the forward URL. */
export type ForwardVerdict = 'forwarded' | 'repeated' | 'refused' | 'unavailable' | 'overloaded' | 'noReceiver';

export interface WebhookMetrics {
  event(source: Source, kind: string, verdict: Verdict): void;
  forwarded(verdict: ForwardVerdict): void;
  /** Counts a message that arrived by RCS although its delivery had already settled with an SMS. */
  lateDuplicate(): void;
  /** Counts a late arrival whose delivery's result or number could not be looked up. It may be a late duplicate. */
  lateNotLookedAt(): void;
  /** Counts a receipt, by its status, whose delivery had already settled. */
  lateReceipt(status: SmsReceiptStatus): void;
  /** Counts an AgentLaunchEvent by the state that it reports. */
  agentLaunch(state: LaunchState | 'other'): void;
  connectionDropped(): void;
  /** Counts a request as in flight. Call the returned function with the status when the request is over. */
  request(source: Source): (status: number) => void;
}

/** Registers the metrics, or uses those that another plugin has registered in the same registry. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const registered = <T>(name: string, create: () => T) =>
    (registry.getSingleMetric(name) as T | undefined) ?? create();
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    registered(name, () => new Counter({ name, help, labelNames, registers }));

  const events = counter('rcs_webhook_events_total', 'Events received, by source, kind and what became of them', [
    'source',
    'kind',
    'verdict',
  ]);
  const forwards = counter('rcs_webhook_forwards_total', 'Events offered to onEvent and the forward URL', ['verdict']);
  const duplicates = counter(
    'rcs_webhook_late_duplicates_total',
    'Messages that arrived by RCS after their delivery had settled with an SMS',
  );
  const notLookedAt = counter(
    'rcs_webhook_late_not_looked_at_total',
    'Messages that arrived by RCS after their workflow was closed, when its result or number could not be looked up',
  );
  const lateReceipts = counter(
    'rcs_webhook_late_receipts_total',
    'Receipts of SMS that came after their delivery had settled, by status',
    ['status'],
  );
  const launches = counter(
    'rcs_webhook_agent_launch_events_total',
    'AgentLaunchEvents, by the state that they report',
    ['state'],
  );
  // Prometheus' increase() misses the first event of a series that was not there before.
  for (const state of LAUNCH_STATES) launches.inc({ state }, 0);
  const dropped = counter('rcs_webhook_connections_dropped_total', 'Connections dropped because too many were open');
  const durations = registered('rcs_webhook_request_duration_seconds', () => {
    const name = 'rcs_webhook_request_duration_seconds';
    const help = 'Time from the request headers being read to the answer being written';
    const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    return new Histogram({ name, help, labelNames: ['source', 'status'], buckets, registers });
  });
  const inFlight = registered('rcs_webhook_in_flight', () => {
    const help = 'Requests in progress';
    return new Gauge({ name: 'rcs_webhook_in_flight', help, labelNames: ['source'], registers });
  });

  return {
    event(source, kind, verdict) {
      events.inc({ source, kind, verdict });
    },
    forwarded(verdict) {
      forwards.inc({ verdict });
    },
    lateDuplicate() {
      duplicates.inc();
    },
    lateNotLookedAt() {
      notLookedAt.inc();
    },
    lateReceipt(status) {
      lateReceipts.inc({ status });
    },
    agentLaunch(state) {
      launches.inc({ state });
    },
    connectionDropped() {
      dropped.inc();
    },
    request(source) {
      const end = durations.startTimer({ source });
      inFlight.inc({ source });
      return (status) => {
        inFlight.dec({ source });
        end({ status });
      };
    },
  };
}

/**
 * GET /metrics in Prometheus' text format. It shows volumes, so the proxy in front must not publish it. Requests share
 * one text for a while, because it costs more than any other answer to an unsigned request.
 */
export const metrics: FastifyPluginCallback<MetricsOptions> = (app, { registry, limits }, done) => {
  const text = shared(() => registry.metrics(), limitsOf(limits).answersHoldMs);
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await text()));
  done();
};

interface MetricsOptions {
  readonly registry: Registry;
  readonly limits?: Partial<WebhookLimits>;
}
