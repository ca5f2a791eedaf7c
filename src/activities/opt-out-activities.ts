import { cancellationSignal, log } from '@temporalio/activity';
import type { RunningDeliveries, SignalOptedOutRequest, SignalOptedOutResult } from '../opt-out/running-deliveries.js';

/** The activity of `optOut`. */
export interface OptOutActivities {
  /**
   * Signals `optedOut` to the person's running deliveries, as far as Temporal's index knows them. Each decides by itself
   * whether it honours opt-outs. Harmless to repeat. Fails with Temporal's error, and is then retried.
   */
  revokePromotions(input: SignalOptedOutRequest): Promise<Pick<SignalOptedOutResult, 'signalled' | 'more'>>;
}

export function createOptOutActivities({ deliveries }: { readonly deliveries: RunningDeliveries }): OptOutActivities {
  return {
    async revokePromotions(request) {
      const { signalled, more, problem } = await deliveries.signalOptedOut(request, cancellationSignal());
      if (problem !== undefined) log.warn('deliveries in flight may not learn of an opt-out', { problem });
      return { signalled, more };
    },
  };
}
