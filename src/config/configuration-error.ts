/** One environment variable that is missing or wrong. Never holds the value, which may be a secret. */
export interface ConfigurationProblem {
  readonly variable: string;
  /** What it must be. */
  readonly problem: string;
}

/** The environment is wrong. Lists every problem at once, so that one restart is enough to put it right. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(['wrong configuration:', ...problems.map(({ variable, problem }) => `  ${variable} ${problem}`)].join('\n'));
    this.name = 'ConfigurationError';
  }
}
