import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Creates an empty folder and removes it when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rcs-temporal-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable sh script that can use the system's tools. Returns its path. */
export async function fakeProgram(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A script that prints a version as `temporal --version` does. */
export const fakeTemporal = (version: string) => `echo "temporal version ${version}"`;

/** A `go` whose `install` is slow, installs a `temporal` of that version, and adds a line to the file `builds` beside it. */
export const fakeGo = (version: string, seconds = 0) => `
echo "$@" >> "$(dirname "$0")/builds"
sleep ${seconds}
printf '#!/bin/sh\\n%s\\n' 'echo temporal version ${version}' > "$GOBIN/temporal"
chmod 755 "$GOBIN/temporal"`;

/** An environment with only this on PATH. Every download fails at once, because its proxy is a closed port. */
export const offline = (...path: string[]): NodeJS.ProcessEnv => ({
  PATH: path.join(':'),
  https_proxy: 'http://127.0.0.1:1',
});
