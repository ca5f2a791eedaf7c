import { privacySuite } from './support/privacy-suite.js';

// Temporal's database file, too: test/e2e/encryption.test.ts.
privacySuite({ encrypted: true });
