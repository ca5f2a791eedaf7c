/**
 * The search attributes of a delivery: what an operator can filter and sort by in the Web UI and with `temporal workflow list`.
 * They must be registered in the namespace before the first delivery, under exactly these names and types. The values are
 * Temporal's own names of the types (`SearchAttributeType` in the SDKs). None of them holds a phone number or a text.
 */
export const SEARCH_ATTRIBUTES = {
  /** Where the delivery stands: a phase while it runs, the outcome once it is settled. "What is stuck in REVOKING?" */
  DeliveryStatus: 'KEYWORD',
  /** Which agent sent the message, without `@rbm.goog`. "Does only one brand have trouble?" */
  RbmAgentId: 'KEYWORD',
  /** RBM's class of the message, such as `AUTHENTICATION`; it decides the policy. "Are one-time codes late?" */
  MessageTrafficType: 'KEYWORD',
  /** Whose message it is, as a keyed hash of the number: all messages to one person, without knowing the person. */
  RecipientHash: 'KEYWORD',
  /** When the message is to be revoked, if it is still undelivered. "What expires in the next hour?" */
  ExpireTime: 'DATETIME',
  /** The campaign that the caller named, if any. "How is this campaign doing? Take it back." */
  CampaignId: 'KEYWORD',
  /** True when the person got, or may have got, both messages. "Whom did we bother twice?" */
  IsDuplicate: 'BOOL',
} as const;

/** The name of a search attribute, as it is registered in Temporal. */
export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** The memo in which a starter names the search attributes that it has set: the workflow keeps those up to date. */
export const INDEX_MEMO = 'searchAttributes';
