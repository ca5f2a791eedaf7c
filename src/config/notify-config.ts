import { z } from 'zod';
import { rule, variable, webhookSecrets } from './variable.js';

/** A bare host means https. An origin such as `http://hooks.internal:8080` is used as it is. */
const origins = z
  .string()
  .transform((given) => given.split(',').map((entry) => originOf(entry.trim())))
  .refine((entries): entries is string[] => entries.every((entry) => entry !== undefined), { error: '' });

export const notifyFields = z.object({
  NOTIFY_ALLOWED_HOSTS: variable(origins.optional(), {
    description: "The hosts that a delivery's notify.url may name, over https unless http:// is given; if unset, none.",
    must: 'must be one or more hosts such as hooks.example.com or http://hooks.internal:8080, separated by commas',
    isUrl: true,
  }),
  NOTIFY_SECRET: variable(webhookSecrets.optional(), {
    description: 'The secret that signs notifications (Standard Webhooks); of several, each one signs.',
    must: 'must be one or more secrets of the form whsec_ and base64, separated by commas',
    secret: 'webhookSecret',
  }),
});
type NotifyVariables = z.output<typeof notifyFields>;

export const notifyRules = [
  rule<NotifyVariables>(
    (set) => set.NOTIFY_ALLOWED_HOSTS === undefined || set.NOTIFY_SECRET !== undefined,
    'NOTIFY_SECRET',
    'is missing: NOTIFY_ALLOWED_HOSTS needs it',
  ),
  rule<NotifyVariables>(
    (set) => set.NOTIFY_SECRET === undefined || set.NOTIFY_ALLOWED_HOSTS !== undefined,
    'NOTIFY_ALLOWED_HOSTS',
    'is missing: NOTIFY_SECRET needs it',
  ),
];

export interface NotifyConfig {
  readonly allowedOrigins: readonly string[];
  readonly secrets: readonly string[];
}

/** Undefined: notifications are refused. The variables must satisfy {@link notifyRules}. */
export function notifyConfig(variables: NotifyVariables): NotifyConfig | undefined {
  const { NOTIFY_ALLOWED_HOSTS: allowedOrigins, NOTIFY_SECRET: secrets } = variables;
  return allowedOrigins && secrets && { allowedOrigins, secrets };
}

function originOf(entry: string): string | undefined {
  const url = /^https?:\/\//.test(entry) ? entry : `https://${entry}`;
  if (!/^https?:\/\/[^\s/?#@*\\]+$/.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).origin;
}
