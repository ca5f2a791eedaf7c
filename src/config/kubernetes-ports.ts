import { bareValue } from '../contract/bare-value.js';

/** Kubernetes sets HEALTH_PORT=tcp://10.0.0.1:8081 in each pod if the namespace has a Service called `health`. */
export const isSetByKubernetes = (name: string, value: string): boolean =>
  name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//i.test(value);

/** A sentence for each of these variables that Kubernetes set. */
export const ignoredPortWarnings = (
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] =>
  names
    .filter((name) => isSetByKubernetes(name, bareValue(environment[name] ?? '')))
    .map(
      (name) =>
        `${name} was set by Kubernetes for a Service of that name and is ignored; ` +
        "enableServiceLinks: false in the pod's spec keeps such variables out",
    );
