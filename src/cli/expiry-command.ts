import { Command } from 'commander';
import type { DeliveryClient } from '../client/delivery-client.js';
import { durationToMs } from '../contract/duration.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import type { Done } from './act-on-each.js';
import { bulkOptions, targetOf, type BulkFlags } from './bulk-options.js';
import { withReference } from './delivery-reference.js';
import { printStatus } from './print-status.js';
import { tooLateIsSkipped } from './too-late.js';
import { unlessEnded } from './unless-ended.js';
import { UsageError } from './usage-error.js';

interface ExpiryOptions extends BulkFlags {
  readonly ttl?: string;
  readonly expireTime?: string;
}

export function expiryCommand(): Command {
  const command = withReference(new Command('expiry'), { optional: true })
    .description('move the expiry, earlier or later: of one delivery, or of all that a query finds')
    .option('--ttl <duration>', 'to so long from now, such as 600s')
    .option('--expire-time <time>', 'or to this time, RFC 3339');
  return bulkOptions(command)
    .addHelpText(
      'after',
      `
With --query only running deliveries are meant; what expires at that time already is skipped. To go on after an
interruption give --expire-time: --ttl counts from each call.

Examples:
  rcs-delivery expiry acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 --ttl 3600s
  rcs-delivery expiry --query 'CampaignId="spring"' --expire-time 2026-12-01T12:00:00Z
  rcs-delivery expiry --query 'CampaignId="spring"' --expire-time 2026-12-01T12:00:00Z --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: ExpiryOptions) => {
      const expireTime = timeOf(options, Date.now());
      const target = targetOf(first, messageId, options);
      const { withAccess } = await import('./with-delivery-client.js');
      await withAccess(async (access) => {
        if ('id' in target) {
          const handle = access.deliveries.handle(target.id);
          printStatus(await unlessEnded(handle, (one) => one.changeExpiry({ expireTime })), options.json);
          return;
        }
        const { runBulk } = await import('./run-bulk.js');
        const act = (deliveries: DeliveryClient, workflowId: string) => move(deliveries, workflowId, expireTime);
        const would = (deliveries: string) =>
          `move the expiry of ${deliveries} to ${expireTime.toISOString()}\n${NOT_IN_RBM}`;
        await runBulk(access, { ...options, query: target.query, would, act });
      });
    });
}

const NOT_IN_RBM = 'the expireTime that RBM was given stays: where it is earlier, RBM takes a message back then';

function timeOf({ ttl, expireTime }: ExpiryOptions, now: number): Date {
  if ((ttl === undefined) === (expireTime === undefined)) throw new UsageError('give either --ttl or --expire-time');
  const at = ttl === undefined ? parsed(expireTime ?? '') : now + msOf(ttl);
  if (!(at > now)) throw new UsageError('the expiry must be in the future');
  if (at - now > MAX_TTL_MS) throw new UsageError('the expiry must be within 15 days');
  return new Date(at);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function parsed(time: string): number {
  const at = RFC_3339.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError('--expire-time must be an RFC 3339 time such as 2026-12-01T12:00:00Z');
  return at;
}

function msOf(ttl: string): number {
  try {
    return durationToMs(ttl);
  } catch {
    throw new UsageError('--ttl must be a duration such as 600s');
  }
}

/** It may be moved back and forth, so no update id is fixed here: asking first makes a repeat cost nothing. */
async function move(deliveries: DeliveryClient, workflowId: string, expireTime: Date): Promise<Done> {
  const handle = deliveries.handle(workflowId);
  const status = await handle.status();
  if (status.outcome !== null) return { skipped: 'ended' };
  if (Date.parse(status.expireTime) === expireTime.getTime()) return { skipped: 'expiring then already' };
  return tooLateIsSkipped(() => handle.changeExpiry({ expireTime }));
}
