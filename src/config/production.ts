import { text, variable } from './variable.js';

export const NODE_ENV = variable(text.optional(), {
  description:
    'With `production`, as in the container image, weak secrets are refused and `send` needs RECIPIENT_HASH_KEY. Any ' +
    'other value has no effect.',
  must: 'must be a word such as production',
});

export const inProduction = (set: { readonly NODE_ENV?: string | undefined }) =>
  set.NODE_ENV?.toLowerCase() === 'production';
