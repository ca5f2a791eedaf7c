import { describe, expect, test } from 'vitest';
import type { SmsProviderDefinition } from '../../src/sms/provider-definition.js';
import { SMS_PROVIDERS } from '../../src/sms/registry.js';

const definitions: readonly SmsProviderDefinition[] = SMS_PROVIDERS;

test('no two providers have one name', () => {
  expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
});

describe.each(definitions.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
  test('has a name that fits into a path and a metrics label', () => {
    expect(name).toMatch(/^[a-z][a-z0-9]*$/);
  });

  test('demands only variables of its own', () => {
    const { sending, receiving } = definition;
    expect(Object.keys(sending.variables)).toEqual(
      expect.arrayContaining([...sending.required, ...sending.requireSmsProvider]),
    );
    expect(Object.keys(receiving?.variables ?? {})).toEqual(expect.arrayContaining([...(receiving?.required ?? [])]));
  });

  test('starts without any of its variables set', () => {
    for (const schema of Object.values({ ...definition.sending.variables, ...definition.receiving?.variables })) {
      expect(schema.safeParse(undefined).success).toBe(true);
    }
  });
});
