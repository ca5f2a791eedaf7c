import { cp, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';
import { PROJECT_CACHE, PROJECT_ROOT } from '../../dev/temporal/project-paths.js';
import type { Variant } from './variant.js';

/**
 * Returns the path of the program `rcs-delivery` for this variant. If the variant replaces modules, that is a copy of
 * dist with another workflow bundle, so everything else about the worker stays the same.
 */
export async function workerProgram({ name, sources }: Variant): Promise<string> {
  const dist = join(PROJECT_ROOT, 'dist');
  if (sources === undefined) return join(dist, 'cli', 'main.js');
  const root = join(PROJECT_CACHE, 'bench', name);
  const copy = join(root, 'dist');
  await cp(dist, copy, { recursive: true });
  await cp(join(PROJECT_ROOT, 'package.json'), join(root, 'package.json'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(PROJECT_ROOT, 'src', 'workflows', 'index.ts'),
    payloadConverterPath: join(PROJECT_ROOT, 'src', 'encryption', 'payload-converter.ts'),
    workflowInterceptorModules: [join(PROJECT_ROOT, 'src', 'workflows', 'tracing.ts')],
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: replacing(sources),
  });
  await writeFile(join(copy, 'workflow-bundle.js'), code);
  return join(copy, 'cli', 'main.js');
}

type WebpackConfigHook = NonNullable<BundleOptions['webpackConfigHook']>;

/**
 * Makes imports of a module get its replacement. An alias would not do: the replacement itself may import the original.
 */
function replacing(sources: Readonly<Record<string, string>>): WebpackConfigHook {
  const replacements = new Set(Object.values(sources).map((path) => join(PROJECT_ROOT, path)));
  return (config) => ({
    ...config,
    plugins: [
      ...(config.plugins ?? []),
      (compiler) => {
        compiler.hooks.normalModuleFactory.tap('bench', (factory) => {
          factory.hooks.beforeResolve.tap('bench', (data) => {
            if (!data.request.startsWith('.') || replacements.has(data.contextInfo.issuer)) return;
            const from = dirname(data.contextInfo.issuer);
            const asked = relative(PROJECT_ROOT, resolve(from, data.request)).replace(/\.js$/, '.ts');
            const replacement = sources[asked];
            if (replacement !== undefined) data.request = join(PROJECT_ROOT, replacement);
          });
        });
      },
    ],
  });
}
