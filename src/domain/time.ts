import type { Instant } from './plan.js';

/** RFC 3339, with milliseconds. */
export const toTime = (at: Instant): string => new Date(at).toISOString();
