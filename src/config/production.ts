import { text, variable } from './variable.js';

export const NODE_ENV = variable(text.optional(), {
  description: 'Only `production` has an effect: weak secrets are refused, and `send` needs RECIPIENT_HASH_KEY.',
  must: 'must be a word such as production',
});

export const inProduction = (set: { readonly NODE_ENV?: string | undefined }) =>
  set.NODE_ENV?.toLowerCase() === 'production';
