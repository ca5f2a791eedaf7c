/**
 * The shortest retention of a namespace with which deliveries are safe, in days. RBM repeats an event for seven days
 * (RBM "Webhooks"). For that long a closed delivery must be there: to count a late DELIVERED as a duplicate, and to keep
 * the same message from being sent a second time.
 */
export const MIN_RETENTION_DAYS = 8;
