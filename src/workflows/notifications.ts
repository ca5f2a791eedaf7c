import { log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { notificationIdFor, notificationWorkflowIdFor, type DeliveryNotification } from '../contract/notification.js';
import { notificationOf } from '../domain/notification.js';
import type { Journal } from './journal.js';
import { messageNotification } from './message-notification.js';

/** Tells the business what it asked to hear (`notify` in the input). Never blocks and never fails the delivery. */
export interface Notifications {
  /** While it runs: begins to tell the phase, if that is new and wanted. */
  phase(): void;
  /**
   * Once it has settled: resolves when the telling is under way. False if that was told before; after a true the caller
   * looks at the evidence again, since there may be more of it by now.
   */
  settled(): Promise<boolean>;
}

export function createNotifications(journal: Journal): Notifications {
  const { notify } = journal.delivery.plan.input;
  const starting: Promise<void>[] = [];
  let last: string | undefined;
  let told = 0;

  /** False when there is nothing new. */
  function tell(url: string): boolean {
    const notification = notificationOf(journal.delivery, journal.now(), told);
    const { status, duplicate } = notification.data;
    const news = `${status} ${String(duplicate)}`;
    if (news === last) return false;
    last = news;
    told += 1;
    starting.push(start(url, notification));
    return true;
  }

  return {
    phase() {
      if (notify?.phases === true) tell(notify.url);
    },
    async settled() {
      if (notify === undefined || !tell(notify.url)) return false;
      // A workflow that ends before its children have started would take them along.
      await Promise.all(starting);
      return true;
    },
  };
}

async function start(url: string, notification: DeliveryNotification): Promise<void> {
  const id = notificationIdFor(notification);
  try {
    await startChild(messageNotification, {
      workflowId: notificationWorkflowIdFor(id),
      args: [{ url, id, notification }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${notification.type}: ${notification.data.status}`,
    });
  } catch (error) {
    // Only if a workflow of this id is under way: this delivery was reset, and the same is being told already.
    log.warn('notification not started', { error });
  }
}
