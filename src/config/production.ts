import { text, variable } from './variable.js';

export const NODE_ENV = variable(text.optional(), {
  description:
    'Set to production, as in the container image: secrets that can be guessed are refused, and nothing is started ' +
    'without RECIPIENT_HASH_KEY. Anything else changes nothing.',
  must: 'must be a word such as production',
});

export const inProduction = (set: { readonly NODE_ENV?: string | undefined }) =>
  set.NODE_ENV?.toLowerCase() === 'production';
