import { afterAll, describe } from 'vitest';
import { randomResets } from './resets/random.js';
import { expectResetRunsToReplay, TEXT } from './resets/reset-run.js';
import { resetsOfWhatIsGone } from './resets/what-is-gone.js';
import { resetsOfWhatOperatorsDid } from './resets/what-operators-did.js';
import { resetsOfWhatReachedThePhone } from './resets/what-reached-the-phone.js';
import { lookBackWithTwilio } from './resets/look-back-with-twilio.js';
import { useStack } from './support/use-stack.js';

/*
 * What the phone gets after an operator's reset (G2, G3). What the first run knew counts as the reset run's own knowledge,
 * and nothing is sent twice.
 */

describe.each([
  ['http', { text: TEXT }],
  ['twilio', { text: TEXT, sender: '+15550109999' }],
] as const)('with %s, a reset', (smsProvider, sms) => {
  const stack = useStack({ smsProvider });
  describe.concurrent('of any delivery', () => {
    resetsOfWhatReachedThePhone(stack, sms);
    randomResets(stack, sms);
    if (smsProvider === 'http') resetsOfWhatOperatorsDid(stack);
    else lookBackWithTwilio(stack, sms);
  });
  resetsOfWhatIsGone(stack, sms);
});

afterAll(expectResetRunsToReplay, 60_000);
