import type { Schema } from '../../src/contract/check.js';

/**
 * The TypeScript type of what the schema takes, with the schema's descriptions. Written out, so that a program which uses
 * the type needs no zod, and an editor shows what a field is for.
 */
export function typeOf(schema: Schema, indent = ''): string {
  const { type, properties, additionalProperties } = schema;
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${String(value)}'`).join(' | ');
  if (type !== 'object') return type === 'string' || type === 'boolean' ? type : unwritten(schema);
  const within = `${indent}  `;
  const fields = Object.entries(properties ?? {}).flatMap(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    const written = typeOf(field, within);
    return [
      ...(typeof field['description'] === 'string' ? [`/** ${field['description']} */`] : []),
      isRequired ? `${name}: ${written};` : `${name}?: ${written} | undefined;`,
    ];
  });
  const others = additionalProperties === false ? [] : ['[name: string]: unknown;'];
  return ['{', ...[...fields, ...others].map((line) => within + line), `${indent}}`].join('\n');
}

function unwritten({ type }: Schema): never {
  throw new Error(`a field of type ${String(type)} can't be written as TypeScript yet`);
}
