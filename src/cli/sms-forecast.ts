import { DeliveryFailedError, DeliveryNotFoundError, NoWorkerError } from '../client/client-errors.js';
import type { DeliveryStatus } from '../contract/status.js';
import type { Access } from './client-access.js';
import { deliveryCount, grouped } from './format.js';
import { randomSample } from './random-sample.js';

/** How many of the matching deliveries have an SMS that follows if the message is not delivered. */
export interface SmsForecast {
  /** How many deliveries were asked, chosen at random. */
  readonly asked: number;
  /** Of those: an SMS follows if the message is not delivered. */
  readonly follows: number;
  /** Of those: the SMS was requested before. */
  readonly requested: number;
  /** Of those: the delivery has no SMS, or has settled meanwhile. */
  readonly none: number;
}

/** Each is asked by a query, which a worker answers. */
const ASKED = 100;
/** How many are listed to choose from. */
const LISTED = 20_000;
const AT_A_TIME = 10;

/** Temporal's index does not know who has an SMS, so deliveries are asked. Undefined if none answers. */
export async function forecastSms(
  { deliveries }: Access,
  filter: Parameters<Access['deliveries']['list']>[0],
): Promise<SmsForecast | undefined> {
  const chosen = await randomSample(deliveries.list(filter, { limit: LISTED }), { size: ASKED });
  const ids = chosen.map(({ workflowId }) => workflowId).values();
  let [asked, follows, requested, isUnserved] = [0, 0, 0, false];
  const lane = async () => {
    for (const id of ids) {
      if (isUnserved) return;
      const status = await deliveries.handle(id).status().catch(nothingOfEnded);
      isUnserved ||= status === 'no worker';
      if (status === 'no worker' || saysNothing(status)) continue;
      asked += 1;
      if (status.sms !== undefined) requested += 1;
      else if (status.smsFollows === true) follows += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return asked === 0 && chosen.length > 0
    ? undefined
    : { asked, follows, requested, none: asked - follows - requested };
}

type Known = Pick<DeliveryStatus, 'sms' | 'smsFollows'> & { readonly outcome?: DeliveryStatus['outcome'] };

/** A worker of an earlier version does not say whether an SMS follows. */
const saysNothing = ({ outcome, sms, smsFollows }: Known): boolean =>
  outcome === null && sms === undefined && smsFollows === undefined;

/** The index is some seconds behind: one that it lists as running may have ended without an outcome. */
function nothingOfEnded(error: unknown): Known | 'no worker' {
  if (error instanceof NoWorkerError) return 'no worker';
  if (error instanceof DeliveryFailedError || error instanceof DeliveryNotFoundError) return {};
  throw error;
}

/** Sentences for a dry run. */
export function smsSentences(forecast: SmsForecast | undefined, matched: number): string {
  if (forecast === undefined) {
    return `No worker answered, so it is not known how many of these ${deliveryCount(matched)} have an SMS.`;
  }
  const { asked, follows, requested, none } = forecast;
  const isAll = asked >= matched;
  const of = isAll ? '' : `Of ${grouped(asked)} that were asked, chosen at random: `;
  const about = isAll ? '' : ` (about ${grouped(Math.round((follows / Math.max(1, asked)) * matched))} in all)`;
  const parts = [
    `${grouped(follows)} ${follows === 1 ? 'person gets' : 'people get'} the SMS unless the message is delivered first${about}`,
    ...(requested > 0 ? [`for ${grouped(requested)} the SMS was requested before`] : []),
    ...(none > 0 ? [`${grouped(none)} ${none === 1 ? 'has' : 'have'} no SMS`] : []),
  ];
  const text = `${of}${parts.join('; ')}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
