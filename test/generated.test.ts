import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedFiles } from '../dev/build/generate.js';

test.each(Object.entries(generatedFiles()))('%s is what `npm run generate` makes', async (path, content) => {
  expect(await readFile(path, 'utf8')).toBe(content);
});
