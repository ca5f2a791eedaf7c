import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';

/**
 * Whether the history has this patch, as far as a replay has come. The SDK's `patched` says so too, but it also takes its
 * place among the commands, and the moment for that may not have come. So this reads a private field of the SDK, whose
 * version is fixed. Without that field, test/replay/replay.test.ts fails.
 */
export function hasPatch(id: string): boolean {
  const known: unknown = Reflect.get(getActivator(), 'knownPresentPatches');
  return known instanceof Set && known.has(id);
}
