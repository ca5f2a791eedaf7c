import { log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import {
  notificationIdFor,
  notificationWorkflowIdFor,
  type DeliveryNotification,
  type MessageNotificationInput,
} from '../contract/notification.js';
import { notificationOf } from '../domain/notification.js';
import type { Journal } from './journal.js';
import { messageNotification } from './message-notification.js';

/**
 * Sends the business the notifications that it asked for (`notify` in the input). Never blocks or fails the delivery.
 */
export interface Notifier {
  /** Starts to send the phase, if it is new and the business asked for phases. */
  phase(): void;
  /** Starts to send the outcome. Resolves with true once that has started, with false if it had been sent before. */
  settled(): Promise<boolean>;
}

export function createNotifier(journal: Journal): Notifier {
  const { notify } = journal.delivery.plan.input;
  const starting: Promise<void>[] = [];
  let lastSent: string | undefined;
  let started = 0;

  /** False if there is nothing new to send. */
  function send(url: string): boolean {
    // After a reset the sequence goes on where the run before has stopped.
    const sent = Math.max(started, journal.delivery.facts.reset.notifications);
    const notification = notificationOf(journal.snapshot(), sent + 1);
    const { status, duplicate } = notification.data;
    const content = `${status} ${String(duplicate)}`;
    if (content === lastSent) return false;
    lastSent = content;
    started = sent + 1;
    starting.push(startNotification(url, notification));
    return true;
  }

  return {
    phase() {
      if (notify?.phases === true) send(notify.url);
    },
    async settled() {
      if (notify === undefined || !send(notify.url)) return false;
      // Children that have not started are lost when their parent completes.
      await Promise.all(starting);
      return true;
    },
  };
}

async function startNotification(url: string, notification: DeliveryNotification): Promise<void> {
  const id = notificationIdFor(notification);
  try {
    await startChild(messageNotification, {
      workflowId: notificationWorkflowIdFor(id),
      args: [{ url, id, notification } satisfies MessageNotificationInput],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${notification.type}: ${notification.data.status}`,
    });
  } catch (error) {
    // A workflow with this id runs already: this delivery was reset, and the same notification is being sent.
    log.warn('notification not started', { error });
  }
}
