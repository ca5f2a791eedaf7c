import { z } from 'zod';
import { rule, text, variable } from './variable.js';

/** Temporal's own names, which its Worker Controller sets. */
export const versionFields = z.object({
  TEMPORAL_DEPLOYMENT_NAME: variable(text.optional(), {
    description:
      'The name of the worker deployment; with TEMPORAL_WORKER_BUILD_ID it switches Worker Versioning on, and the version must be made current before it gets work.',
    must: 'must be the name of a worker deployment',
  }),
  TEMPORAL_WORKER_BUILD_ID: variable(text.optional(), {
    description: "The version of this worker, such as the image's tag.",
    must: 'must be a build id',
  }),
});

type Fields = z.output<typeof versionFields>;

const TOGETHER = 'must be set together with the other one of TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID';

export const versionRules = [
  rule<Fields>(
    (set) => set.TEMPORAL_WORKER_BUILD_ID === undefined || set.TEMPORAL_DEPLOYMENT_NAME !== undefined,
    'TEMPORAL_DEPLOYMENT_NAME',
    TOGETHER,
  ),
  rule<Fields>(
    (set) => set.TEMPORAL_DEPLOYMENT_NAME === undefined || set.TEMPORAL_WORKER_BUILD_ID !== undefined,
    'TEMPORAL_WORKER_BUILD_ID',
    TOGETHER,
  ),
];

export interface VersionConfig {
  /** Undefined: the worker is unversioned. */
  readonly version?: { readonly deploymentName: string; readonly buildId: string };
}

export function versionConfig({
  TEMPORAL_DEPLOYMENT_NAME: deploymentName,
  TEMPORAL_WORKER_BUILD_ID: buildId,
}: Fields): VersionConfig {
  if (deploymentName === undefined || buildId === undefined) return {};
  return { version: { deploymentName, buildId } };
}
