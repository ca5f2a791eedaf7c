/** An environment variable that is missing or wrong. Holds no value, which may be a secret. */
export interface ConfigurationProblem {
  readonly variable: string;
  /** What it must be. */
  readonly problem: string;
}

/** Lists everything that is wrong with the environment, so that one restart is enough to correct it. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(['wrong configuration:', ...problems.map(({ variable, problem }) => `  ${variable} ${problem}`)].join('\n'));
    this.name = 'ConfigurationError';
  }
}
