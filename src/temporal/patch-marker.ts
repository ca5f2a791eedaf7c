import type { temporal } from '@temporalio/proto';
import { isObject } from '../contract/check.js';

/** The name and the key of a patch marker, in Temporal's core. Its data is JSON, which no codec encodes. */
const PATCH = 'core_patch';
const PATCH_DATA = 'patch-data';

/** The id of the patch that this event records. Undefined: it records none. */
export function patchIn({ markerRecordedEventAttributes: marker }: temporal.api.history.v1.IHistoryEvent) {
  if (marker?.markerName !== PATCH) return undefined;
  const [payload] = marker.details?.[PATCH_DATA]?.payloads ?? [];
  try {
    const read: unknown = JSON.parse(Buffer.from(payload?.data ?? []).toString('utf8'));
    return isObject(read) && typeof read['id'] === 'string' ? read['id'] : undefined;
  } catch {
    return undefined;
  }
}
