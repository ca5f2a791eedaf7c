import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Source = 'rbm' | 'smsHttp' | 'smsTwilio';

/** What became of an event. Label values are from fixed lists: nothing a sender writes becomes one. */
export type Verdict =
  | 'signalled'
  | 'repeated'
  | 'closed'
  | 'unknown'
  | 'refused'
  /** Of an agent outside the allow-list. */
  | 'foreignAgent'
  /** Of a delivery that is not ours. */
  | 'foreign'
  /** Not ours to consume: forwarded, if anybody takes such events. */
  | 'notConsumed'
  /** Well-formed, and changes nothing. */
  | 'ignored'
  /** The signature is right; the content can't be read. */
  | 'unreadable'
  | 'unsigned'
  | 'malformed'
  /** Handshakes. */
  | 'answered'
  | 'forbidden'
  /** 503: not durable, and the sender must repeat it. */
  | 'unavailable'
  | 'overloaded';

export interface WebhookMetrics {
  event(source: Source, kind: string, verdict: Verdict): void;
  forwarded(verdict: 'forwarded' | 'refused' | 'unavailable' | 'overloaded' | 'noTaker'): void;
  /** A message that arrived by RCS after its delivery had ended with an SMS: the person got both, or may have. */
  lateDuplicate(): void;
  /** Nobody knows whether it is one: there was too much at one time, or no answer of Temporal's, or none that can be read. */
  lateNotLookedAt(): void;
  readonly connectionDropped: () => void;
  /** A request begins; the function returned is called when its answer is written or its connection gone. */
  request(source: Source): (status: number) => void;
}

/** The registry may already hold these, from another of our plugins: then they are shared. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const known = <T>(name: string, create: () => T) => (registry.getSingleMetric(name) as T | undefined) ?? create();
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    known(name, () => new Counter({ name, help, labelNames, registers }));

  const events = counter('rcs_webhook_events_total', 'Events received, by what became of them', [
    'source',
    'kind',
    'verdict',
  ]);
  const forwards = counter('rcs_webhook_forwards_total', 'Events offered to onEvent and the forward URL', ['verdict']);
  const duplicates = counter(
    'rcs_webhook_late_duplicates_total',
    'Messages delivered by RCS after their delivery had ended with an SMS',
  );
  const notLookedAt = counter(
    'rcs_webhook_late_not_looked_at_total',
    'Messages delivered by RCS after their delivery had ended of which it was not found out how',
  );
  const dropped = counter('rcs_webhook_connections_dropped_total', 'Connections dropped because there were too many');
  const durations = known('rcs_webhook_request_duration_seconds', () => {
    const name = 'rcs_webhook_request_duration_seconds';
    const help = 'From the request being read to its answer being written';
    const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    return new Histogram({ name, help, labelNames: ['source', 'status'], buckets, registers });
  });
  const inFlight = known('rcs_webhook_in_flight', () => {
    const help = 'Requests being worked on';
    return new Gauge({ name: 'rcs_webhook_in_flight', help, labelNames: ['source'], registers });
  });

  return {
    event: (source, kind, verdict) => {
      events.inc({ source, kind, verdict });
    },
    forwarded: (verdict) => {
      forwards.inc({ verdict });
    },
    lateDuplicate: () => {
      duplicates.inc();
    },
    lateNotLookedAt: () => {
      notLookedAt.inc();
    },
    connectionDropped: () => {
      dropped.inc();
    },
    request: (source) => {
      const end = durations.startTimer({ source });
      inFlight.inc({ source });
      return (status) => {
        inFlight.dec({ source });
        end({ status });
      };
    },
  };
}
