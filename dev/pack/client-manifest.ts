import { join } from 'node:path';
import { PROJECT_ROOT } from '../temporal/project-paths.js';
import { readManifest, type Manifest } from './manifest.js';

/** The first minor version that has all that the client uses: the fairness key came last. A test uses it. */
const LOWEST_SDK = '^1.13.0';

/**
 * The package.json of `rcs-message-delivery-client`, from that of the whole package. The range of each library lets a
 * backend that has it already keep one copy.
 */
export function clientManifest(whole: Manifest, packages: readonly string[]): Readonly<Record<string, unknown>> {
  const { version, license, keywords, engines } = whole;
  const isPeer = (name: string) => name === '@temporalio/client';
  const ranges = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, rangeOf(whole, name)]));
  return {
    name: `${whole.name}-client`,
    version,
    description: 'The client of rcs-message-delivery: starts durable deliveries of RCS messages with SMS fallback.',
    ...{ license, keywords, type: 'commonjs', engines },
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
      './message-delivery-input.schema.json': './message-delivery-input.schema.json',
      './package.json': './package.json',
    },
    // For TypeScript's old resolution, which does not read `exports`.
    typesVersions: { '*': { testing: ['./dist/testing/index.d.ts'] } },
    dependencies: ranges(packages.filter((name) => !isPeer(name))),
    // The program makes the Client, with its own copy. npm then takes the other parts of the SDK in that copy's version;
    // as peers, it would take the newest ones.
    peerDependencies: ranges(packages.filter(isPeer)),
  };
}

/** Of what Temporal's client uses too, its own range: then one copy serves both. */
function rangeOf({ dependencies }: Manifest, name: string): string {
  if (name.startsWith('@temporalio/')) return LOWEST_SDK;
  const { dependencies: ofSdk } = readManifest(join(PROJECT_ROOT, 'node_modules/@temporalio/client'));
  const own = dependencies[name];
  if (own === undefined) throw new Error(`the client imports ${name}, which is no dependency`);
  return ofSdk[name] ?? `^${own}`;
}
