export interface TwilioAccount {
  readonly accountSid: string;
  readonly authToken: string;
}

/** Twilio "API keys": sends in place of the auth token, and can be revoked alone. It signs no callbacks. */
export interface TwilioApiKey {
  /** `SK…` */
  readonly sid: string;
  readonly secret: string;
}

/** How a request signed in. */
export type TwilioCredential = 'authToken' | 'apiKey';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Returns a function that checks an Authorization header. It returns undefined for a header that Twilio refuses. */
export function createTwilioSignIn({ accountSid, authToken }: TwilioAccount, keys: readonly TwilioApiKey[]) {
  const known = new Map<string, TwilioCredential>([[basic(accountSid, authToken), 'authToken']]);
  for (const { sid, secret } of keys) known.set(basic(sid, secret), 'apiKey');
  return (authorization: string | undefined): TwilioCredential | undefined => known.get(authorization ?? '');
}
