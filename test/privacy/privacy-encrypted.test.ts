import { privacySuite } from './support/privacy-suite.js';

// test/e2e/encryption.test.ts searches Temporal's database file.
privacySuite({ encrypted: true });
