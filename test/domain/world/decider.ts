/** All that these simulations use of the decider, in one place. */
export { decide } from '../../../src/domain/decide.js';
export { deliveryFrom, learn, type Delivery } from '../../../src/domain/delivery.js';
export { answerDueAt, LATE } from '../../../src/domain/late.js';
export { withFormer } from '../../../src/domain/former-evidence.js';
export { isEvent, isNewEvidence } from '../../../src/domain/new-evidence.js';
export { onlyProvider } from '../../../src/domain/sms-state.js';
export { isSameWait, type Action, type Decision, type Step } from '../../../src/domain/step.js';
