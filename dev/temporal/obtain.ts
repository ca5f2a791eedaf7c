import type { OnProgress } from '../terminal/progress.js';
import { installOnce } from './install-once.js';
import { messageOf } from './message-of.js';

type Make = (workDir: string) => Promise<string>;

/** Why the download and the build failed. */
export type FailureReasons = Readonly<Record<'download' | 'build', string>>;

export interface ObtainOptions {
  /** The file or folder to create in the cache. */
  readonly target: string;
  /** What it is, for a person to read. */
  readonly title: string;
  /** Creates it inside `workDir` and returns its path, or throws the reason why it can't. So does `build`. */
  readonly download: Make;
  readonly build: Make;
  /** The tool that `build` needs, such as "Go". */
  readonly tool: string;
  /** The error's text if both fail: what to do. */
  readonly advice: (reasons: FailureReasons) => string;
  readonly onProgress: OnProgress;
}

/** Downloads something into the cache, or builds it. Returns which way worked. Throws `advice` if none did. */
export async function obtain(options: ObtainOptions): Promise<string> {
  const { target, title, tool, advice, onProgress } = options;
  const reason = { download: 'not tried', build: 'not tried' };
  let source = 'just prepared by another process';
  const install = async (workDir: string) => {
    onProgress(`no ${title} here yet: downloading it from temporal.download`);
    try {
      const made = await options.download(workDir);
      source = 'official download';
      return made;
    } catch (error) {
      reason.download = messageOf(error);
      onProgress(`the download failed: ${reason.download}`);
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

/** Why a way failed, often a tool's own output, below the advice that it belongs to. */
export const indented = (reason: string): string => `That failed:\n${reason}`.replaceAll(/^/gm, '     ');
