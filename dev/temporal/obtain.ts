import { installOnce } from './install-once.js';
import { messageOf } from './message-of.js';

type Make = (workDir: string) => Promise<string>;

/** Why each way failed. */
export type FailureReasons = Readonly<Record<'download' | 'build', string>>;

export interface ObtainOptions {
  /** The file or folder in the cache that shall be there in the end. */
  readonly target: string;
  /** What it is, for a human. */
  readonly title: string;
  /** Each makes it inside `workDir` and returns where, or throws with the reason why it can't. */
  readonly download: Make;
  readonly build: Make;
  /** What `build` builds with, such as "Go". */
  readonly tool: string;
  /** What to tell a human when neither worked. */
  readonly advice: (reasons: FailureReasons) => string;
  readonly onProgress: (line: string) => void;
}

/** Downloads something into the cache, or else builds it; returns how it got there. Throws the advice if neither worked. */
export async function obtain(options: ObtainOptions): Promise<string> {
  const { target, title, tool, advice, onProgress } = options;
  const reason = { download: 'not tried', build: 'not tried' };
  let source = 'just prepared by another process';
  const install = async (workDir: string) => {
    onProgress(`no ${title} here yet: trying the official download`);
    try {
      const made = await options.download(workDir);
      source = 'official download';
      return made;
    } catch (error) {
      reason.download = messageOf(error);
      onProgress(`the official download failed (${reason.download}): trying ${tool}`);
    }
    try {
      const made = await options.build(workDir);
      source = `made with ${tool}`;
      return made;
    } catch (error) {
      reason.build = messageOf(error);
      throw new Error(advice(reason), { cause: error });
    }
  };
  await installOnce({ target, install, onProgress });
  return source;
}
