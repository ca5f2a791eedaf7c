import { DeliveryError } from '../client/client-errors.js';
import type {
  FailedNotification,
  NotificationFailure,
  PendingNotification,
  UnacceptedNotification,
} from '../client/notification-state.js';
import type { DeliveryId } from '../contract/ids.js';
import type { DeliveryStatus } from '../contract/status.js';
import type { Access } from './client-access.js';
import { duration, grouped, timeWithDistance, wholeTime } from './format.js';
import { painter, printNote, printResult, type Screen } from './printer.js';
import { oneLine } from './safe-text.js';
import { renderStatus } from './status-view.js';
import type { PendingRequest } from '../temporal/pending-requests.js';
import type { Terminal } from './terminal.js';
import { hanging, wrapped } from './wrap.js';

type Notifications = readonly UnacceptedNotification[];

/** Undefined if Temporal does not say. That keeps nobody from seeing the delivery's status. */
export async function unacceptedOf(
  { terminal, deliveries }: Access,
  id: DeliveryId,
): Promise<Notifications | undefined> {
  try {
    return await deliveries.notifications.unaccepted(id);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    printNote(terminal, `note: whether its notifications were accepted is unknown: ${error.message}`);
    return undefined;
  }
}

export interface Shown {
  readonly status: DeliveryStatus;
  /** Undefined if it is not known. */
  readonly pending: readonly PendingRequest[] | undefined;
  readonly notifications: Notifications | undefined;
}

export function printStatusAndNotifications(terminal: Terminal, shown: Shown, json: boolean | undefined): void {
  const { status, pending, notifications } = shown;
  printResult(terminal, {
    value: { ...status, ...(pending && { pending }), ...(notifications && { notifications }) },
    json,
    indent: 2,
    text: (screen) => {
      const lines = (notifications ?? []).flatMap((one) => notificationLines(one, screen));
      return [renderStatus({ status, pending, ...screen }), ...(lines.length === 0 ? [] : ['', ...lines])].join('\n');
    },
  });
}

const INDENT = '  ';

/** What has become of a notification that nobody has accepted, and what comes next or can be done. */
export function notificationLines(one: UnacceptedNotification, screen: Screen): string[] {
  const paint = painter(screen.colour);
  const lines = one.state === 'failed' ? failedLines(one) : pendingLines(one, screen.now);
  const [first = '', ...more] = lines.map(oneLine);
  const [head = '', ...rest] = wrapped(`${nameOf(one)}: ${first}`, screen.columns - INDENT.length);
  return [
    paint(one.state === 'failed' ? 'red' : 'yellow', head),
    ...rest.map((line) => `${INDENT}${line}`),
    ...more.flatMap((line) => hanging(INDENT, line, screen.columns)),
  ];
}

export const nameOf = ({ sequence, status }: UnacceptedNotification): string =>
  `notification ${String(sequence)} (${status})`;

export const shortId = ({ agentId, messageId }: DeliveryId): string => `${agentId}:${messageId}`;

/** 3 → `3 notifications` */
export const notificationCount = (count: number): string =>
  `${grouped(count)} ${count === 1 ? 'notification' : 'notifications'}`;

function failedLines(one: FailedNotification): string[] {
  const { failedTime, startTime, executionStatus, lastFailure } = one;
  const lasted = duration(Date.parse(failedTime) - Date.parse(startTime));
  const how = executionStatus === 'FAILED' ? 'failed' : `ended as ${executionStatus}`;
  const after = lasted === '' ? '' : ` after ${lasted}`;
  const why = lastFailure === undefined ? '' : `: ${failureText(lastFailure)}`;
  return [
    `${how} at ${wholeTime(failedTime)}${after}${why}`,
    `send it again with: rcs-delivery notify-again ${shortId(one)}`,
  ];
}

function pendingLines(one: PendingNotification, now: number): string[] {
  const { failedAttempts, nextAttemptTime, givenUpTime, startTime, lastFailure } = one;
  if (failedAttempts === 0) return [`being sent since ${timeWithDistance(startTime, now)}`];
  const attempts = `${grouped(failedAttempts)} ${failedAttempts === 1 ? 'attempt' : 'attempts'} failed`;
  const last = lastFailure === undefined ? '' : `, ${failureText(lastFailure)}`;
  const next = nextAttemptTime === undefined ? 'trying now' : `next try at ${timeWithDistance(nextAttemptTime, now)}`;
  const end = givenUpTime === undefined ? '' : `, given up at ${wholeTime(givenUpTime)}`;
  return [`not accepted yet: ${attempts}${last}`, `${next}${end}`];
}

function failureText({ type, httpStatus, message }: NotificationFailure): string {
  if (httpStatus !== undefined) return `last answer ${String(httpStatus)}`;
  if (type === 'Timeout') return 'its time was over while it waited for a worker, or for its next try';
  return message ?? `last error ${type}`;
}
