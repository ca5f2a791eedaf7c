import { z } from 'zod';
import { redactText } from '../observability/redact.js';

/** What the worker uses of the AgentMessage that RBM answers to a create (RBM reference, phones.agentMessages). */
export interface CreateAnswer {
  /** When RBM itself will revoke the message, RFC 3339. */
  readonly expireTime?: string;
  /** RFC 3339. */
  readonly sendTime?: string;
  /** The phone's carrier. RBM names it for US numbers only. */
  readonly carrier?: string;
  /** What RBM bills the message as. For US numbers only. */
  readonly richMessageClassification?: RichMessageClassification;
}

interface RichMessageClassification {
  /** Such as `BASIC`. RBM's documents don't list the values. */
  readonly classificationType: string;
  readonly segmentCount?: number;
}

/** Printable, short, and no phone number, since it becomes part of the history and of the result. */
const shortText = z
  .string()
  .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}$/u)
  .refine((given) => redactText(given) === given);
const time = z.iso.datetime({ offset: true }).optional().catch(undefined);
/** Google writes a 64-bit integer as a string, so both forms are read. */
const count = z
  .union([z.number(), z.string()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,6}$/))
  .transform(Number)
  .optional()
  .catch(undefined);

const AgentMessage = z.object({
  expireTime: time,
  sendTime: time,
  carrier: shortText.optional().catch(undefined),
  richMessageClassification: z
    .object({ classificationType: shortText, segmentCount: count })
    .optional()
    .catch(undefined),
});

/** The answer's fields. Leaves out each that is malformed, since RBM has accepted the message whatever its answer says. */
export function createAnswerOf(body: unknown): CreateAnswer {
  const { expireTime, sendTime, carrier, richMessageClassification: rich } = AgentMessage.safeParse(body).data ?? {};
  const { classificationType, segmentCount } = rich ?? {};
  return {
    ...(expireTime !== undefined && { expireTime }),
    ...(sendTime !== undefined && { sendTime }),
    ...(carrier !== undefined && { carrier }),
    ...(classificationType !== undefined && {
      richMessageClassification: { classificationType, ...(segmentCount !== undefined && { segmentCount }) },
    }),
  };
}
