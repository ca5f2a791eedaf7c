import type { OtelVariables } from './otel-variables.js';

/** Which traces are recorded. */
export interface SamplerSettings {
  /** A trace that began elsewhere is recorded if it is recorded there. */
  readonly parentBased: boolean;
  readonly root: 'always' | 'never' | 'ratio';
  /** From 0 to 1. */
  readonly ratio: number;
}

export interface BatchSettings {
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export interface LimitSettings {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

const SAMPLERS = {
  always_on: { parentBased: false, root: 'always' },
  always_off: { parentBased: false, root: 'never' },
  traceidratio: { parentBased: false, root: 'ratio' },
  parentbased_always_on: { parentBased: true, root: 'always' },
  parentbased_always_off: { parentBased: true, root: 'never' },
  parentbased_traceidratio: { parentBased: true, root: 'ratio' },
} as const;
const SAMPLER_NAMES = Object.keys(SAMPLERS) as (keyof typeof SAMPLERS)[];

export function samplerSettings({ word, find, warn }: OtelVariables): SamplerSettings {
  const sampler = SAMPLERS[word(SAMPLER_NAMES, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'];
  const argument = sampler.root === 'ratio' ? find('OTEL_TRACES_SAMPLER_ARG') : undefined;
  if (argument === undefined) return { ...sampler, ratio: 1 };
  const ratio = Number(argument.value);
  if (ratio >= 0 && ratio <= 1) return { ...sampler, ratio };
  warn(argument.name, 'is ignored: it must be a number from 0 to 1');
  return { ...sampler, ratio: 1 };
}

export function batchSettings({ count, warn }: OtelVariables): BatchSettings {
  const maxQueueSize = count(1, 'OTEL_BSP_MAX_QUEUE_SIZE') ?? 2_048;
  const size = count(1, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE');
  if (size !== undefined && size > maxQueueSize) {
    warn('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'is larger than OTEL_BSP_MAX_QUEUE_SIZE, which is used instead');
  }
  return {
    scheduledDelayMillis: count(0, 'OTEL_BSP_SCHEDULE_DELAY') ?? 5_000,
    exportTimeoutMillis: count(1, 'OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
    maxQueueSize,
    maxExportBatchSize: Math.min(size ?? 512, maxQueueSize),
  };
}

export function limitSettings({ count }: OtelVariables): LimitSettings {
  const limit = (...names: readonly string[]) => count(0, ...names) ?? 128;
  return {
    attributeCountLimit: limit('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLengthLimit:
      count(0, 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? Infinity,
    eventCountLimit: limit('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: limit('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: limit('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCountLimit: limit('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
  };
}

/** The attributes of the process. OTEL_SERVICE_NAME takes precedence. If one pair is wrong, none counts. */
export function resourceAttributes({ find, text, warn }: OtelVariables): Record<string, string> {
  const list = find('OTEL_RESOURCE_ATTRIBUTES');
  const attributes = parsedAttributes(list?.value ?? '');
  if (attributes === undefined) {
    warn(
      'OTEL_RESOURCE_ATTRIBUTES',
      'is ignored: it must be key=value pairs, separated by commas, with %2C and %3D for others',
    );
  }
  const name = text('OTEL_SERVICE_NAME');
  return { ...attributes, ...(name !== undefined && { 'service.name': name }) };
}

function parsedAttributes(list: string): Record<string, string> | undefined {
  const pairs = list.split(',').filter((pair) => pair.trim() !== '');
  try {
    return Object.fromEntries(
      pairs.map((pair) => {
        const [, key = '', value = ''] = /^\s*([^=\s][^=]*)=([^=]*)$/.exec(pair) ?? [];
        if (key === '') throw new Error('no pair');
        return [decodeURIComponent(key.trim()), decodeURIComponent(value.trim())];
      }),
    );
  } catch {
    return undefined;
  }
}
