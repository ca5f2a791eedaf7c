import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Sbom {
  readonly metadata: { readonly component: object };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly properties: readonly { readonly name: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Prints what the lock file installs with the package, in CycloneDX's format. npm's `--omit dev` also leaves out what a
 * development dependency needs as well, such as the worker's SDK. So it lists everything, and this drops what is marked.
 */
function sbom(): Sbom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const everything = execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const { metadata, components, dependencies, ...rest } = JSON.parse(everything) as Sbom;
  const { name } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly name: string };
  const isDev = ({ properties }: Sbom['components'][number]) =>
    properties.some((property) => property.name === 'cdx:npm:package:development');
  const dropped = new Set(components.filter(isDev).map((component) => component['bom-ref']));
  return {
    ...rest,
    // npm names it after its folder.
    metadata: { ...metadata, component: { ...metadata.component, name } },
    components: components.filter((component) => !dropped.has(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => !dropped.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => !dropped.has(one)) })),
  };
}

console.log(JSON.stringify(sbom(), null, 2));
