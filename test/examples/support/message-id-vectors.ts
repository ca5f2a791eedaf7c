/** What every language must derive. docs/sending.md shows the first, for people who write another starter. */
export const VECTORS = [
  {
    secret: 'an example secret, not for use',
    name: 'order/1042/code',
    messageId: '0a4936af-3aee-8cc1-a7c8-9bbac74d6bb8',
  },
  {
    secret: 'an example secret, not for use',
    name: 'bestellung/größe/🎉',
    messageId: '1f5a5728-b9c9-8962-a6fa-57c1f85f9327',
  },
] as const;
