import { createHash } from 'node:crypto';

/** SHA-256 of every secret that this repository shows. Nobody may guard anything with one. */
const PUBLISHED: ReadonlySet<string> = new Set([
  '937bd1f1ca958e3b8c419f76f9bcd4dbcfbfca154987ba7015284d320fcb189d', // deploy: RBM_WEBHOOK_CLIENT_TOKEN
  '4c1110fee17144843eb0fe2ca3cc55e9688549b89124a513641c7c70b42967e7', // deploy: SMS_HTTP_TOKEN
  '0c5e54f58685c92cc2077e977b640ed9a23e96be3a9b4bbbc05f580e2a22f4e8', // deploy: SMS_WEBHOOK_SECRET
  '96c75bf001331942f5252d07fa2b49e7ac9b5a970bf6348b98549302aaeacd01', // deploy: RECIPIENT_HASH_KEY
  'af8f175a1c9555068ee17190c9396abd57a457c99f4831141e443d6c75b0e455', // dev/simulator: the auth token of its Twilio account
  '52bbbfab061c9172f5a7cfb9274ca554648bac49f202219381890d1f5af8369c', // dev/simulator: the secret of its Twilio API key
  'de1450b3c42fb00888851e1db7a9515294738f2bc984833ba2e03cfb62ad7d47', // examples/embed-webhook: RBM_WEBHOOK_CLIENT_TOKEN
  '26ace80c6eac526b6537ddfe2f817e61dfc465cd73e206501186d374eb97ca21', // test: a client token
  '18197e79cc3f96c30432ede70f9e98bfe3c65c01a6632356362b76d3f65a7feb', // test: a client token
  '1e93d5a4d562c13d9854b0cfddd979d44e72d1fbd4beafed33827b9f09cc93a9', // test: a client token
  '48d83b2b3542cf185e981d1dd63dd8769a89c01294a811459da7cfb2c0eaafdf', // test: SMS_HTTP_TOKEN
  '017f4851f5a6cdac989a20487fd96be0dce8014719aba1f9e1cb311f7f760c51', // test: Twilio's auth token
  '1d117ff13fe700c777739bc94d36037f084d2ff4304c6f3a5c2c49455c4356ee', // test: a secret of Standard Webhooks
  '1e31e273cffd162438ce0ec01d5615c6e7124fa5777f9bbf2fa9b04487438b9e', // test: NOTIFY_SECRET
  '0c47dd30c7da14ce8078bc464742122187d516456e901ac0c3006dabcec0f743', // test, and Standard Webhooks: a secret
  '52014b4938240c2817ec7a2998890d5617914c1cf5877cecd720d51694a3ab02', // test: a secret of Standard Webhooks
  '3f416161cc3e7737fa155b543973adbd4cc569bd36e4dea31349eb70d9d17446', // test: RECIPIENT_HASH_KEY
  '930663f16c0eaf933ebade963145c7d1e9ea940c327106f4b9cd789a92916b31', // test, in older versions: RECIPIENT_HASH_KEY
  '91a2f9b301416251c44230058c9503f36b35f9ebd3ce9d0e10699a4a35c99121', // test: SMS_HTTP_TOKEN
]);

/** A secret without the marks of its form, so that a published one is found under another key id too. */
const bare = (secret: string): string =>
  secret
    .trim()
    .replace(/^whsec_/, '')
    .replace(/^[A-Za-z0-9._-]{1,64}:/, '')
    .replace(/=+$/, '');

/** What stands for a secret in the list above. */
export const digestOfSecret = (secret: string): string => createHash('sha256').update(bare(secret)).digest('hex');

/** Whether anyone can read this secret in the repository of this project. */
export const isPublishedSecret = (secret: string): boolean => PUBLISHED.has(digestOfSecret(secret));
