import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes: readonly { readonly alg: string }[];
  }[];
}
interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly name?: string; readonly version: string; readonly dev?: true }>
  >;
}

test('npm run sbom lists what is installed with the package, with hashes, and names no server', async () => {
  const text = execFileSync('npm', ['run', '-s', 'sbom'], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const { bomFormat, metadata, components, dependencies } = JSON.parse(text) as Sbom;
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as Lock;
  const installed = Object.entries(packages).flatMap(([path, { name, version, dev }]) =>
    path === '' || dev ? [] : [`${name ?? path.replace(/^.*node_modules\//, '')}@${version}`],
  );
  expect(bomFormat).toBe('CycloneDX');
  expect(metadata.component.name).toBe('rcs-message-delivery');
  expect(installed.some((one) => one.startsWith('@temporalio/worker@'))).toBe(true);
  expect(new Set(components.map(({ name, version }) => `${name}@${version}`))).toEqual(new Set(installed));
  const refs = new Set(dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]));
  expect(refs.size).toBe(components.length + 1);
  for (const { purl, hashes } of components) {
    expect(purl).toMatch(/^pkg:npm\//);
    expect(hashes.map(({ alg }) => alg)).toEqual(['SHA-512']);
  }
  expect([...text.matchAll(/https?:\/\/[^"/]+/g)].map(([url]) => url)).toEqual(['http://cyclonedx.org']);
});
