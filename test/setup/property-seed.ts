import process from 'node:process';
import fc from 'fast-check';

/*
 * Property tests use the same inputs in every run, so that a failure is caused by a change and is the same on every machine.
 * PROPERTY_SEED=random (`npm run guarantees`) uses other inputs. A failure prints its seed, which PROPERTY_SEED=… repeats.
 */
const given = process.env['PROPERTY_SEED'] ?? '1';
if (given !== 'random') {
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new Error('PROPERTY_SEED must be "random" or a whole number');
  fc.configureGlobal({ seed });
}
