import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { demoPhones } from '../simulator/demo-phones.js';

/** What the recipient's phone does. */
export const titleOf = ({ recipient }: Pick<MessageDeliveryInput, 'recipient'>): string =>
  demoPhones[recipient]?.title ?? 'a phone that is online';
