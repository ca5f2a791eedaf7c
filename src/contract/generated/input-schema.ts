// Generated from ../schema/input-schema.ts by `npm run generate`. Do not edit.
import type { Schema } from '../check.js';

export const inputSchema: Schema = {
  "$id": "message-delivery-input.schema.json",
  "title": "messageDelivery input",
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "agentId": {
      "type": "string",
      "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:@rbm\\.goog)?$",
      "must": "must be an RBM agent's id",
      "description": "The RBM agent's id, with or without @rbm.goog."
    },
    "messageId": {
      "type": "string",
      "pattern": "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
      "must": "must be a UUID",
      "description": "A UUID, unique per agent. Upper case is normalised to lower case."
    },
    "recipient": {
      "type": "string",
      "pattern": "^\\+(?:[17]\\d{6,14}|(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])\\d{5,13}|(?:21[1-368]|2[2-4]\\d|25[0-8]|26\\d|29[017-9]|35\\d|37[0-8]|38[0-35-79]|42[013]|5[09]\\d|67[02-9]|68[0-35-9]|69[0-2]|80[08]|85[02356]|87[08]|88[0-368]|96[0-8]|97[0-79]|99[2-68])\\d{4,12})$",
      "must": "must be an E.164 number, with + and an assigned country calling code",
      "description": "The phone's number in E.164 form, such as +15550100001."
    },
    "contentMessage": {
      "type": "object",
      "properties": {
        "text": {
          "type": "string",
          "minLength": 1,
          "maxLength": 3072
        }
      },
      "additionalProperties": {},
      "description": "RBM's AgentContentMessage, passed on as it is."
    },
    "messageTrafficType": {
      "description": "RBM's messageTrafficType. Google advises to set it always.",
      "type": "string",
      "enum": [
        "AUTHENTICATION",
        "TRANSACTION",
        "PROMOTION",
        "SERVICEREQUEST",
        "ACKNOWLEDGEMENT"
      ]
    },
    "ttl": {
      "type": "string",
      "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
      "description": "How long after the workflow's start the message expires.",
      "durationMs": [
        1,
        1296000000
      ],
      "must": "must be a duration between \"0.001s\" and \"1296000s\""
    },
    "acceptanceTimeout": {
      "type": "string",
      "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
      "description": "By when RBM must have accepted a message that has a fallback, from the start of the workflow; then it falls back. Default: 20s for AUTHENTICATION, none for PROMOTION, 120s for the others.",
      "durationMs": [
        1000,
        1296000000
      ],
      "must": "must be a duration between \"1s\" and \"1296000s\""
    },
    "expireTime": {
      "description": "When the message expires, RFC 3339. Give either ttl or expireTime.",
      "must": "must be an RFC 3339 timestamp",
      "type": "string",
      "maxLength": 64,
      "format": "date-time",
      "pattern": "^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z|([+-](?:[01]\\d|2[0-3]):[0-5]\\d)))$"
    },
    "fallback": {
      "description": "The SMS leg. Absent: none, the message is only revoked.",
      "type": "object",
      "properties": {
        "sms": {
          "type": "object",
          "properties": {
            "text": {
              "type": "string",
              "minLength": 1,
              "maxLength": 1600,
              "description": "The text of the SMS."
            },
            "sender": {
              "description": "The SMS sender. Absent: the provider's own default.",
              "type": "string",
              "pattern": "^(?:\\+\\d{3,15}|\\d{3,8}|[0-9 +_&.-]{0}[A-Za-z][A-Za-z0-9 +_&.-]{0,10}|[0-9 +_&.-]{1}[A-Za-z][A-Za-z0-9 +_&.-]{0,9}|[0-9 +_&.-]{2}[A-Za-z][A-Za-z0-9 +_&.-]{0,8}|[0-9 +_&.-]{3}[A-Za-z][A-Za-z0-9 +_&.-]{0,7}|[0-9 +_&.-]{4}[A-Za-z][A-Za-z0-9 +_&.-]{0,6}|[0-9 +_&.-]{5}[A-Za-z][A-Za-z0-9 +_&.-]{0,5}|[0-9 +_&.-]{6}[A-Za-z][A-Za-z0-9 +_&.-]{0,4}|[0-9 +_&.-]{7}[A-Za-z][A-Za-z0-9 +_&.-]{0,3}|[0-9 +_&.-]{8}[A-Za-z][A-Za-z0-9 +_&.-]{0,2}|[0-9 +_&.-]{9}[A-Za-z][A-Za-z0-9 +_&.-]{0,1}|[0-9 +_&.-]{10}[A-Za-z][A-Za-z0-9 +_&.-]{0,0})$",
              "must": "must be an E.164 number, a short code or an alphanumeric sender id"
            },
            "validity": {
              "type": "string",
              "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
              "description": "How long the SMS is of use, from its first request. Default: 600s for AUTHENTICATION, 14400s for the others.",
              "durationMs": [
                1000,
                604800000
              ],
              "must": "must be a duration between \"1s\" and \"604800s\""
            },
            "receiptTimeout": {
              "type": "string",
              "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
              "description": "How long to wait for the SMS receipt. Default 3600s.",
              "durationMs": [
                0,
                604800000
              ],
              "must": "must be a duration between \"0s\" and \"604800s\""
            }
          },
          "required": [
            "text"
          ],
          "additionalProperties": false
        },
        "whenUncertain": {
          "description": "What to do if the revocation stays unconfirmed. Default: hold for PROMOTION, send for the others.",
          "type": "string",
          "enum": [
            "send",
            "hold"
          ]
        }
      },
      "required": [
        "sms"
      ],
      "additionalProperties": false
    },
    "honorOptOut": {
      "description": "Whether an opt-out of the person stops this message. Always for PROMOTION, never for AUTHENTICATION. Default: true for PROMOTION, false for the others.",
      "type": "boolean"
    },
    "revocation": {
      "description": "How the message is revoked.",
      "type": "object",
      "properties": {
        "strategy": {
          "description": "Who revokes at the expiry: the workflow (agent) or RBM (platform). Default agent.",
          "type": "string",
          "enum": [
            "agent",
            "platform"
          ]
        },
        "grace": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "How long to wait for a late DELIVERED after a revocation. Default 5s.",
          "durationMs": [
            0,
            86400000
          ],
          "must": "must be a duration between \"0s\" and \"86400s\""
        },
        "budget": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "The longest time from the expiry to the decision on the fallback. Default 30s.",
          "durationMs": [
            1000,
            86400000
          ],
          "must": "must be a duration between \"1s\" and \"86400s\""
        },
        "holdTimeout": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "How long to keep revoking before UNCERTAIN, under hold or when no SMS is wanted. Default 3600s.",
          "durationMs": [
            1000,
            604800000
          ],
          "must": "must be a duration between \"1s\" and \"604800s\""
        },
        "deadMansSwitch": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "With strategy agent: how much later than the expiry RBM's expireTime is. Default 60s.",
          "durationMs": [
            0,
            86400000
          ],
          "must": "must be a duration between \"0s\" and \"86400s\""
        },
        "ttlEventTimeout": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "With strategy platform: how long to wait at the expiry for RBM's event. Default 15s.",
          "durationMs": [
            0,
            86400000
          ],
          "must": "must be a duration between \"0s\" and \"86400s\""
        },
        "spread": {
          "type": "string",
          "pattern": "^(?:0|[1-9]\\d{0,8})(?:\\.\\d{1,9})?s$",
          "description": "Over how long the revocations of messages with one expiry are spread, each at its own moment, within the budget. Default: 15s for PROMOTION, 0s for the others.",
          "durationMs": [
            0,
            86400000
          ],
          "must": "must be a duration between \"0s\" and \"86400s\""
        }
      },
      "additionalProperties": false
    },
    "campaignId": {
      "description": "Groups deliveries for operators (search attribute CampaignId).",
      "type": "string",
      "pattern": "^[A-Za-z0-9._:-]{1,128}$",
      "must": "must have 1 to 128 characters out of A-Z a-z 0-9 . _ : -"
    },
    "notify": {
      "description": "Reports to a server of yours how the delivery settled.",
      "type": "object",
      "properties": {
        "url": {
          "type": "string",
          "maxLength": 2048,
          "pattern": "^https?:\\/\\/[^\\s/?#@\\\\]+(?:[/?#][^\\s]*)?$",
          "must": "must be an http or https URL without credentials",
          "description": "Where the outcome is sent by POST, signed (Standard Webhooks). The worker must allow its host."
        },
        "phases": {
          "description": "Send each phase too. Default false.",
          "type": "boolean"
        }
      },
      "required": [
        "url"
      ],
      "additionalProperties": false
    }
  },
  "required": [
    "agentId",
    "messageId",
    "recipient",
    "contentMessage"
  ],
  "additionalProperties": false
};
