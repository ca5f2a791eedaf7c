import { z } from 'zod';
import { SMS_SENDER_PATTERN } from '../contract/patterns.js';

export interface SenderOptions {
  /** The messaging service for messages that name no sender. */
  readonly messagingServiceSid?: string | undefined;
  /** The messaging service (`MG…`) for messages that name this sender. Case does not matter. */
  readonly messagingServices?: Readonly<Record<string, string>> | undefined;
}

export interface Senders {
  /** The messaging service that picks the sender of a message. Undefined: its own sender is used as it is. */
  serviceOf(sender: string | undefined): string | undefined;
}

/**
 * A message that names a sender without a service of its own does not go to the default service, because Twilio refuses
 * both together if the sender is not in that service's pool.
 */
export function createSenders({ messagingServiceSid, messagingServices = {} }: SenderOptions): Senders {
  const services = new Map(
    Object.entries(messagingServices).map(([sender, service]) => [sender.toLowerCase(), service]),
  );
  return {
    serviceOf: (sender) => (sender === undefined ? messagingServiceSid : services.get(sender.toLowerCase())),
  };
}

/** Reads `ACME=MG…,+15550109999=MG…`: each sender once, in whatever case. */
export const messagingServices = z
  .string()
  .transform((given) => given.split(',').map(senderAndService))
  .refine((pairs) => pairs.every(isPair) && isUnique(pairs.map(([sender]) => sender.toLowerCase())), { error: '' })
  .transform((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs));

function senderAndService(entry: string): readonly [sender: string, service: string] {
  const [sender = '', ...service] = entry.split('=');
  return [sender.trim(), service.join('=').trim()];
}

const isPair = ([sender, service]: readonly [string, string]): boolean =>
  SMS_SENDER_PATTERN.test(sender) && /^MG[0-9A-Za-z]+$/.test(service);

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;
