import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configurationPage } from './configuration-page.js';
import { decisionTable } from './decision-table.js';
import { typeOf } from './input-type.js';
import { withPolicyTable } from './policy-table.js';
import { publishedSchema } from './published-schema.js';
import { withGatewayTables, withSmsTables } from './sms-tables.js';
import type { Schema } from '../../src/contract/check.js';
import { messageDeliveryInputSchema } from '../../src/contract/schema/input-schema.js';

const root = new URL('../../', import.meta.url);

/** The JSON Schema of a workflow's input, from the zod schema, with this project's own keywords. */
function inputJsonSchema(): Schema {
  const schema = z.toJSONSchema(messageDeliveryInputSchema, { io: 'input' }) as Schema;
  return { $id: 'message-delivery-input.schema.json', title: 'messageDelivery input', ...schema };
}

/** Invisible characters, such as the white space in a pattern, are escaped. */
const inJson = (value: object) =>
  JSON.stringify(value, null, 2).replaceAll(/[^\n -~]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

/** What `npm run generate` writes: path in the repository → text. A test compares these with what is committed. */
export function generatedFiles(): Record<string, string> {
  const schema = inputJsonSchema();
  return {
    'docs/configuration.md': configurationPage(),
    'docs/decision-table.md': decisionTable(),
    'docs/policy.md': withPolicyTable(readFileSync(new URL('docs/policy.md', root), 'utf8'), schema),
    'docs/sms-providers.md': withSmsTables(readFileSync(new URL('docs/sms-providers.md', root), 'utf8')),
    'docs/sms-gateway.md': withGatewayTables(readFileSync(new URL('docs/sms-gateway.md', root), 'utf8')),
    'docs/message-delivery-input.schema.json': `${inJson(publishedSchema(schema))}\n`,
    'src/contract/generated/input-schema.ts': [
      '// Generated from ../schema/input-schema.ts by `npm run generate`. Do not edit.',
      "import type { Schema } from '../check.js';",
      '',
      `export const inputSchema: Schema = ${inJson(schema)};`,
      '',
    ].join('\n'),
    'src/contract/generated/input-type.ts': [
      '// Generated from ../schema/input-schema.ts by `npm run generate`. Do not edit.',
      '',
      "/** The input of the workflow `messageDelivery`: one plain JSON object, RBM's names where RBM has one. */",
      `export type MessageDeliveryInput = ${typeOf(schema)};`,
      '',
    ].join('\n'),
  };
}

export async function generate(): Promise<void> {
  for (const [path, content] of Object.entries(generatedFiles())) {
    const file = new URL(path, root);
    await mkdir(new URL('.', file), { recursive: true });
    await writeFile(file, content);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
