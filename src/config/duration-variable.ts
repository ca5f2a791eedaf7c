import { z } from 'zod';
import { DURATION_PATTERN, durationToMs } from '../contract/duration.js';

/** A duration such as `5s` within these bounds (milliseconds), read as milliseconds. */
export const duration = (least: number, most: number) =>
  z
    .string()
    .toLowerCase()
    .regex(DURATION_PATTERN)
    .transform(durationToMs)
    .refine((ms) => ms >= least && ms <= most, { error: '' });
