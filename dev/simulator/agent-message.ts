import { z } from 'zod';

/** A message's content, with RBM's limits (RBM "Send messages"). */
const ContentMessage = z
  .looseObject({
    text: z.string().min(1).max(3072).optional(),
    fileName: z.string().optional(),
    uploadedRbmFile: z.looseObject({}).optional(),
    richCard: z.looseObject({}).optional(),
    contentInfo: z.looseObject({ fileUrl: z.string() }).optional(),
    suggestions: z.array(z.looseObject({})).max(11).optional(),
  })
  .refine(
    (content) => CONTENT_KINDS.filter((kind) => content[kind] !== undefined).length === 1,
    'exactly one kind of content',
  );

const CONTENT_KINDS = ['text', 'fileName', 'uploadedRbmFile', 'richCard', 'contentInfo'] as const;

/** The longest ttl, and the latest expireTime: 15 days after the create call. Milliseconds. */
const LONGEST_TTL = 15 * 86_400_000;
/** Allows for two clocks and the network, so that an expireTime of exactly 15 days is accepted. Milliseconds. */
const TOLERANCE = 60_000;

/** The input fields of phones.agentMessages. Google refuses unknown fields. */
const AgentMessage = z
  .strictObject({
    contentMessage: ContentMessage,
    messageTrafficType: z
      .enum(['AUTHENTICATION', 'TRANSACTION', 'PROMOTION', 'SERVICEREQUEST', 'ACKNOWLEDGEMENT'])
      .or(z.literal('MESSAGE_TRAFFIC_TYPE_UNSPECIFIED'))
      .optional(),
    ttl: z
      .string()
      .regex(/^\d+(\.\d{1,9})?s$/)
      .optional(),
    expireTime: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(
    ({ ttl, expireTime }) => ttl === undefined || expireTime === undefined,
    'ttl and expireTime are alternatives',
  );

/** A create call's parsed body. */
export interface CreateBody {
  readonly contentMessage: Readonly<Record<string, unknown>>;
  readonly messageTrafficType?: string;
  /** Epoch milliseconds, computed from ttl or expireTime. */
  readonly expireTime?: number;
}

/** Parses a create call's body. Returns a text that says what is wrong if it is not valid. */
export function readCreateBody(json: string, now: number): CreateBody | string {
  if (json.length > 250 * 1024) return 'Message exceeds 250 KB.';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'Invalid JSON payload received.';
  }
  const parsed = AgentMessage.safeParse(value);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`).join('; ');
  }
  const { contentMessage, messageTrafficType, ttl, expireTime } = parsed.data;
  const expiry = ttl === undefined ? expireTime && Date.parse(expireTime) : now + Number(ttl.slice(0, -1)) * 1000;
  if (typeof expiry === 'number' && expiry > now + LONGEST_TTL + TOLERANCE)
    return 'expireTime: more than 15 days away.';
  return {
    contentMessage,
    ...(messageTrafficType === undefined ? {} : { messageTrafficType }),
    ...(typeof expiry === 'number' ? { expireTime: expiry } : {}),
  };
}
