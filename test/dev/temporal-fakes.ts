import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that lives as long as the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rcs-temporal-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An executable sh script, which finds the system's tools itself; returns its path. */
export async function fakeProgram(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** What a `temporal` says when it is asked for its version. */
export const fakeTemporal = (version: string) => `echo "temporal version ${version}"`;

/** A `go` whose `install` takes a while and leaves a `temporal` of that version, and a line in the file `builds` beside it. */
export const fakeGo = (version: string, seconds = 0) => `
echo "$@" >> "$(dirname "$0")/builds"
sleep ${seconds}
printf '#!/bin/sh\\n%s\\n' 'echo temporal version ${version}' > "$GOBIN/temporal"
chmod 755 "$GOBIN/temporal"`;

/** An environment with nothing but this on PATH, in which every download fails at once: its proxy is closed. */
export const offline = (...path: string[]): NodeJS.ProcessEnv => ({
  PATH: path.join(':'),
  https_proxy: 'http://127.0.0.1:1',
});
