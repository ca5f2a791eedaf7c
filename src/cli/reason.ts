import { isBlank } from '../contract/texts.js';
import { redactText } from '../observability/redact.js';
import { UsageError } from './errors.js';

/** Returns a `--reason` as it is, unless it is blank, too long or private: it stays in Temporal's history. */
export function checkedReason(reason: string): string {
  if (reason.length === 0 || reason.length > 200) throw new UsageError('--reason must have 1 to 200 characters');
  if (isBlank(reason)) throw new UsageError('--reason must not be blank');
  if (redactText(reason) !== reason) throw new UsageError('--reason must hold no phone number and no secret');
  return reason;
}
