import { Command } from 'commander';
import type { DeliveryHandle } from '../client/delivery-handle.js';
import { durationToMs } from '../contract/duration.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import { CLOSED, type Done } from './act-on-each.js';
import { withReference } from './arguments.js';
import { BULK_HELP, bulkOptions, changeDeliveries, targetOf, type BulkFlags } from './bulk.js';
import { UsageError } from './errors.js';
import type { Terminal } from './terminal.js';
import { timeIn, ttlProblem } from './times.js';

interface ExpiryOptions extends BulkFlags {
  readonly ttl?: string;
  readonly expireTime?: string;
}

export function expiryCommand(terminal: Terminal): Command {
  const command = withReference(new Command('expiry'), { optional: true })
    .description('move the expiry earlier or later: of one delivery, or of all that match')
    .option('--ttl <duration>', 'the new expiry, counted from now, such as 600s')
    .option('--expire-time <time>', 'or the new expiry as an RFC 3339 time');
  return bulkOptions(command)
    .addHelpText(
      'after',
      `${BULK_HELP}
Repeating the command with --expire-time is harmless: it skips deliveries that
expire at that time already. --ttl counts from each call.

Examples:
  rcs-delivery expiry acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 --ttl 3600s
  rcs-delivery expiry --campaign spring --expire-time 2026-12-01T12:00:00Z
  rcs-delivery expiry --campaign spring --expire-time 2026-12-01T12:00:00Z --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: ExpiryOptions) => {
      const expireTime = timeOf(options, Date.now());
      await changeDeliveries(terminal, targetOf(first, messageId, options), options, {
        one: (handle) => handle.changeExpiry({ expireTime }),
        each: (handle) => moveOnce(handle, expireTime),
        plan: {
          would: (deliveries) => `move the expiry of ${deliveries} to ${expireTime.toISOString()}`,
          note: NOT_IN_RBM,
        },
      });
    });
}

const NOT_IN_RBM = 'RBM keeps the expireTime of each create request. If that is earlier, RBM revokes the message then.';

function timeOf({ ttl, expireTime }: ExpiryOptions, now: number): Date {
  if ((ttl === undefined) === (expireTime === undefined)) throw new UsageError('give either --ttl or --expire-time');
  const at = ttl === undefined ? timeIn(expireTime ?? '', '--expire-time') : now + msOf(ttl);
  if (!(at > now)) throw new UsageError('the expiry must be in the future');
  if (at - now > MAX_TTL_MS) throw new UsageError('the expiry must be within 15 days');
  return new Date(at);
}

function msOf(ttl: string): number {
  try {
    return durationToMs(ttl);
  } catch {
    throw new UsageError(`--ttl ${ttlProblem(ttl) ?? 'must be a duration such as 600s'}`);
  }
}

/** Reads the expiry first, so a repeat sends no update. A fixed update id would stop a later move back to this time. */
async function moveOnce(handle: DeliveryHandle, expireTime: Date): Promise<Done> {
  const status = await handle.status();
  if (status.outcome !== null) return { skipped: CLOSED };
  if (Date.parse(status.expireTime) === expireTime.getTime()) return { skipped: 'expiring then already' };
  await handle.changeExpiry({ expireTime });
  return { done: true };
}
