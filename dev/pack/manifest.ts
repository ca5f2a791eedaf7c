import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this needs to know of a package.json. Its other fields are passed on as they are. */
export interface Manifest {
  readonly [field: string]: unknown;
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

export const manifestText = (manifest: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(manifest, null, 2)}\n`;

/** What only a checkout needs. Without its files, `prepare` would fail wherever somebody packs the package again. */
const OF_THE_CHECKOUT = ['private', 'scripts', 'devDependencies', 'overrides', 'allowScripts'];

/** The package.json that is published. */
export function publishedManifest(manifest: Manifest): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !OF_THE_CHECKOUT.includes(field)));
}
