import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../contract/failures.js';
import { NotifyError } from '../notify/notify-error.js';
import type { Notifier, NotifyRequest } from '../notify/notifier.js';

/** The activity of `messageNotification`. */
export interface NotificationActivities {
  /** Makes one signed POST. Fails with `NotifyRefused` (not retried) or `NotifyFailed` (retried). */
  notify(input: NotifyRequest): Promise<void>;
}

/** The activity over a notifier. Without one, every notification is refused. */
export function createNotificationActivities({ notifier }: { readonly notifier?: Notifier }): NotificationActivities {
  return {
    async notify(request) {
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
