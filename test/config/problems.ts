import { ConfigurationError } from '../../src/config/configuration-error.js';

/** The problems that `read` reports, by variable, and the whole message. */
export function problemsOf(read: () => unknown): {
  readonly problems: Record<string, string>;
  readonly message: string;
} {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const problems = Object.fromEntries(error.problems.map(({ variable, problem }) => [variable, problem]));
    return { problems, message: error.message };
  }
  return { problems: {}, message: '' };
}
