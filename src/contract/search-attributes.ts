/**
 * The search attributes of a delivery: what operators filter and sort by in the Web UI and with `temporal workflow
 * list`. Register them in the namespace before the first delivery, under these names and types (`SearchAttributeType`
 * in the SDKs). None of them holds a phone number or a text.
 */
export const SEARCH_ATTRIBUTES = {
  /**
   * `STARTED`, then a phase that lasts, then the outcome (`LISTED_STATUSES` in status.ts). "What is stuck in REVOKING?"
   */
  DeliveryStatus: 'KEYWORD',
  /** Which agent sent the message, without `@rbm.goog`. "Does only one brand have trouble?" */
  RbmAgentId: 'KEYWORD',
  /**
   * RBM's class of the message, such as `AUTHENTICATION`; the default of `whenUncertain` depends on it. "Are one-time
   * codes late?"
   */
  MessageTrafficType: 'KEYWORD',
  /** Whose message it is, as a keyed hash of the number: all messages to one person, without knowing the person. */
  RecipientHash: 'KEYWORD',
  /** When the message is to be revoked, if it is still undelivered. "What expires in the next hour?" */
  ExpireTime: 'DATETIME',
  /** The campaign that the caller named, if any. "How is this campaign doing? Revoke it." */
  CampaignId: 'KEYWORD',
  /** True if the person got, or may have got, both messages. "Who was bothered twice?" */
  IsDuplicate: 'BOOL',
  /** Why the SMS was requested (`FALLBACK_REASONS` in status.ts), or `none`. "Why did so many fall back?" */
  FallbackReason: 'KEYWORD',
} as const;

/** The name of a search attribute, as it is registered in Temporal. */
export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** The memo in which a starter names the search attributes that it has set. The workflow keeps those up to date. */
export const INDEX_MEMO = 'searchAttributes';
