import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Keeps tools that are downloaded or built once per checkout. Ignored by git; may be deleted at any time. */
export const PROJECT_CACHE = join(PROJECT_ROOT, '.cache');
