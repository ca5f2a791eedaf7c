import { LISTED_STATUSES, STARTED, type ListedStatus } from '../contract/status.js';
import { OUTCOME_WORDS, PHASE_WORDS } from '../contract/words.js';
import { hanging } from './wrap.js';

const WORDS: Readonly<Record<ListedStatus, string>> = {
  ...PHASE_WORDS,
  ...OUTCOME_WORDS,
  SENDING: 'RBM did not accept it, and it is sent again. A promotion stays STARTED.',
  [STARTED]: 'From the start on. It does not say whether RBM has the message.',
};

const WIDTH = 80;
const widest = Math.max(...LISTED_STATUSES.map((status) => status.length));

/** What each status of the list means, for the help. */
export const LEGEND = [
  'Status:',
  ...LISTED_STATUSES.flatMap((status) => hanging(`  ${status.padEnd(widest)}  `, WORDS[status], WIDTH)),
].join('\n');
