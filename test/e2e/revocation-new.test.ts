import { describeRevocation } from './support/revocation-suite.js';

describeRevocation('new');
