// Generated from ../schema/input-schema.ts by `npm run generate`. Do not edit.

/** The input of the workflow `messageDelivery`: one plain JSON object, RBM's names where RBM has one. */
export type MessageDeliveryInput = {
  /** The RBM agent's id, with or without @rbm.goog. */
  agentId: string;
  /** A UUID, unique per agent. Upper case is normalised to lower case. */
  messageId: string;
  /** The phone's number in E.164 form, such as +15550100001. */
  recipient: string;
  /** RBM's AgentContentMessage, passed on as it is. */
  contentMessage: {
    text?: string | undefined;
    [name: string]: unknown;
  };
  /** RBM's messageTrafficType. Google advises to set it always. */
  messageTrafficType?: 'AUTHENTICATION' | 'TRANSACTION' | 'PROMOTION' | 'SERVICEREQUEST' | 'ACKNOWLEDGEMENT' | undefined;
  /** How long after the workflow's start the message expires. */
  ttl?: string | undefined;
  /** By when RBM must have accepted a message that has a fallback, from the start of the workflow; then it falls back. Default: 20s for AUTHENTICATION, none for PROMOTION, 120s for the others. */
  acceptanceTimeout?: string | undefined;
  /** When the message expires, RFC 3339. Give either ttl or expireTime. */
  expireTime?: string | undefined;
  /** The SMS leg. Absent: none, the message is only revoked. */
  fallback?: {
    sms: {
      /** The text of the SMS. */
      text: string;
      /** The SMS sender. Absent: the provider's own default. */
      sender?: string | undefined;
      /** How long the SMS is of use, from its first request. Default: 600s for AUTHENTICATION, 14400s for the others. */
      validity?: string | undefined;
      /** How long to wait for the SMS receipt. Default 3600s. */
      receiptTimeout?: string | undefined;
    };
    /** What to do if the revocation stays unconfirmed. Default: hold for PROMOTION, send for the others. */
    whenUncertain?: 'send' | 'hold' | undefined;
  } | undefined;
  /** Whether an opt-out of the person stops this message. Always for PROMOTION, never for AUTHENTICATION. Default: true for PROMOTION, false for the others. */
  honorOptOut?: boolean | undefined;
  /** How the message is revoked. */
  revocation?: {
    /** Who revokes at the expiry: the workflow (agent) or RBM (platform). Default agent. */
    strategy?: 'agent' | 'platform' | undefined;
    /** How long to wait for a late DELIVERED after a revocation. Default 5s. */
    grace?: string | undefined;
    /** The longest time from the expiry to the decision on the fallback. Default 30s. */
    budget?: string | undefined;
    /** How long to keep revoking before UNCERTAIN, under hold or when no SMS is wanted. Default 3600s. */
    holdTimeout?: string | undefined;
    /** With strategy agent: how much later than the expiry RBM's expireTime is. Default 60s. */
    deadMansSwitch?: string | undefined;
    /** With strategy platform: how long to wait at the expiry for RBM's event. Default 15s. */
    ttlEventTimeout?: string | undefined;
    /** Over how long the revocations of messages with one expiry are spread, each at its own moment, within the budget. Default: 15s for PROMOTION, 0s for the others. */
    spread?: string | undefined;
  } | undefined;
  /** Groups deliveries for operators (search attribute CampaignId). */
  campaignId?: string | undefined;
  /** Reports to a server of yours how the delivery settled. */
  notify?: {
    /** Where the outcome is sent by POST, signed (Standard Webhooks). The worker must allow its host. */
    url: string;
    /** Send each phase too. Default false. */
    phases?: boolean | undefined;
  } | undefined;
};
