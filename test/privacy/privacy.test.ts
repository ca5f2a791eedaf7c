import { privacySuite } from './support/privacy-suite.js';

privacySuite({});
