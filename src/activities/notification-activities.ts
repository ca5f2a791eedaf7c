import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../contract/failures.js';
import { NOTIFICATION_WORKFLOW_TYPE, notificationWorkflowIdFor } from '../contract/notification.js';
import { notificationProblems } from '../contract/notification-input.js';
import { NotifyError } from '../notify/notify-error.js';
import type { Notifier, NotifyRequest } from '../notify/notifier.js';

/** The activity of `messageNotification`. */
export interface NotificationActivities {
  /**
   * Makes one signed POST. Fails with `NotifyFailed` (retried), or with `NotifyRefused` or `ForeignNotification` (not
   * retried).
   */
  notify(input: NotifyRequest): Promise<void>;
}

/** The activity over a notifier. Without one, every notification is refused. */
export function createNotificationActivities({ notifier }: { readonly notifier?: Notifier }): NotificationActivities {
  return {
    async notify(request) {
      refuseForeign(request);
      if (notifier === undefined) throw refused('notify is not configured: set NOTIFY_ALLOWED_HOSTS and NOTIFY_SECRET');
      try {
        await notifier.notify(request, cancellationSignal());
      } catch (error) {
        if (!(error instanceof NotifyError)) throw error;
        throw error.kind === 'refused' ? refused(error.message, error) : failed(error);
      }
    },
  };
}

/**
 * Temporal can also start an activity without a workflow, or for another one. Only the body of a notification is signed,
 * and only for the workflow that has checked where it comes from.
 */
function refuseForeign({ url, id, body }: NotifyRequest): void {
  const { workflowExecution, workflowType } = activityInfo();
  const isItsOwn =
    workflowType === NOTIFICATION_WORKFLOW_TYPE && workflowExecution?.workflowId === notificationWorkflowIdFor(id);
  if (isItsOwn && notificationProblems({ url, id, notification: jsonIn(body) }).length === 0) return;
  const message = 'The notification is not sent: it does not come from a messageNotification.';
  throw ApplicationFailure.nonRetryable(message, FailureType.ForeignNotification);
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const detailsOf = ({ httpStatus, retryAfterMs }: NotifyError) => ({
  ...(httpStatus !== undefined && { httpStatus }),
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

function refused(message: string, error?: NotifyError): ApplicationFailure {
  const details = error && detailsOf(error);
  return ApplicationFailure.nonRetryable(message, FailureType.NotifyRefused, ...(details ? [details] : []));
}

function failed(error: NotifyError): ApplicationFailure {
  const { message, retryAfterMs = 0 } = error;
  return ApplicationFailure.create({
    type: FailureType.NotifyFailed,
    message,
    details: [detailsOf(error)],
    ...(retryAfterMs > 0 && { nextRetryDelay: retryAfterMs }),
  });
}
