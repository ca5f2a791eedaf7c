import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configurationPage } from './configuration-page.js';
import { decisionTable } from './decision-table.js';
import { messageDeliveryInputSchema } from '../../src/contract/schema/input-schema.js';

const root = new URL('../../', import.meta.url);

/** The published JSON Schema of a workflow's input, from the zod schema. */
export function inputJsonSchema(): object {
  const schema = z.toJSONSchema(messageDeliveryInputSchema, { io: 'input' });
  return { $id: 'message-delivery-input.schema.json', title: 'messageDelivery input', ...schema };
}

/** What `npm run generate` writes: path in the repository → text. A test compares these with what is committed. */
export function generatedFiles(): Record<string, string> {
  const json = JSON.stringify(inputJsonSchema(), null, 2);
  return {
    'docs/configuration.md': configurationPage(),
    'docs/decision-table.md': decisionTable(),
    'docs/message-delivery-input.schema.json': `${json}\n`,
    'src/contract/generated/input-schema.ts': [
      '// Generated from ../schema/input-schema.ts by `npm run generate`. Do not edit.',
      "import type { Schema } from '../check.js';",
      '',
      `export const inputSchema: Schema = ${json};`,
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
