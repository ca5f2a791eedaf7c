import type { Sms } from './sms-outbox.js';
import { twilioErrorCode, twilioStatusOf } from './twilio-callbacks.js';

type Query = Readonly<Record<string, string | undefined>>;

/** Twilio writes dates as RFC 2822, in whole seconds. */
const rfc2822 = (ms: number) => new Date(ms).toUTCString().replace('GMT', '+0000');
const uriOf = (accountSid: string) => `/2010-04-01/Accounts/${accountSid}/Messages.json`;

/** Twilio's Message resource. */
export function messageResource(sms: Sms, accountSid: string) {
  const { id, to, from, service, text, acceptedAt } = sms;
  return {
    sid: id,
    account_sid: accountSid,
    api_version: '2010-04-01',
    to,
    from: from ?? null,
    messaging_service_sid: service ?? null,
    body: text,
    status: twilioStatusOf(sms),
    direction: 'outbound-api',
    num_segments: '1',
    num_media: '0',
    error_code: twilioErrorCode(sms),
    error_message: null,
    price: null,
    price_unit: 'USD',
    date_created: rfc2822(acceptedAt),
    date_updated: rfc2822(acceptedAt),
    date_sent: rfc2822(acceptedAt),
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${id}.json`,
    subresource_uris: {},
  };
}

/**
 * Applies the list's filters. `DateSent>` and `DateSent<` include their instant, in whole seconds. Whether a filter by the
 * plain number finds a message that was sent by RCS is undocumented, so `listedAs` says it.
 */
export function matchesQuery(
  { to, from, acceptedAt }: Sms,
  query: Query,
  listedAs: 'sms' | 'rcs' | 'rcsOnly' = 'sms',
): boolean {
  const sent = Math.floor(acceptedAt / 1000) * 1000;
  const { To, From, 'DateSent>': after, 'DateSent<': before } = query;
  const listedTo = { sms: [to], rcs: [to, `rcs:${to}`], rcsOnly: [`rcs:${to}`] }[listedAs];
  if (To !== undefined && !listedTo.includes(To)) return false;
  if (From !== undefined && From !== from) return false;
  if (after !== undefined && sent < Math.floor(Date.parse(after) / 1000) * 1000) return false;
  return before === undefined || sent <= Date.parse(before);
}

/** One page of the list. */
export function pageOf(messages: readonly Sms[], query: Query, accountSid: string) {
  const pageSize = Math.min(1000, Math.max(1, Number(query['PageSize'] ?? 50)));
  const page = Math.max(0, Number(query['Page'] ?? 0));
  const start = page * pageSize;
  const shown = messages.slice(start, start + pageSize);
  const uri = (number: number) => {
    const wanted = { ...query, Page: String(number), PageSize: String(pageSize) };
    return `${uriOf(accountSid)}?${new URLSearchParams(wanted).toString()}`;
  };
  return {
    messages: shown.map((sms) => messageResource(sms, accountSid)),
    page,
    page_size: pageSize,
    start,
    end: Math.max(0, start + shown.length - 1),
    uri: uri(page),
    first_page_uri: uri(0),
    previous_page_uri: page === 0 ? null : uri(page - 1),
    next_page_uri: start + pageSize < messages.length ? uri(page + 1) : null,
  };
}
