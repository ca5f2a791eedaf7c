import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from '../terminal/progress.js';
import { findOnPath } from './find-on-path.js';
import { runTool } from './run-tool.js';

const VERSION = '1.38.0';
const USUALLY = '30 s';
const LIMIT_MS = 20 * 60_000;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** slf4j-nop keeps the server from printing three lines about a missing logger. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>temporal-test-server-with-dependencies</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** The loop stops the server when the process that started it is gone. The JVM flags make the start quick. */
const LAUNCHER = `#!/bin/sh
(while kill -0 $$; do kill -0 $PPID || kill -9 $$; sleep 1; done) >/dev/null 2>&1 &
exec "\${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

export interface MavenInstallOptions {
  readonly into: string;
  /** The launcher's file name. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: OnProgress;
}

/** Fetches the time-skipping test server and its dependencies with Maven, and adds a launcher. Returns the folder. */
export async function mavenInstall({ into, name, env, onProgress }: MavenInstallOptions): Promise<string> {
  const mvn = await findOnPath('mvn', env);
  if (mvn === undefined) throw new Error('there is no "mvn" on PATH');
  onProgress(`fetching the test server ${VERSION} with Maven instead, once: usually ${USUALLY}`);
  const folder = join(into, 'server');
  await mkdir(folder);
  await writeFile(join(folder, 'pom.xml'), POM);
  await runTool({
    command: mvn,
    args: ['-B', '-q', COPY, '-DincludeScope=runtime', '-DoutputDirectory=lib'],
    env,
    cwd: folder,
    limitMs: LIMIT_MS,
    onTick: (elapsed) => {
      onProgress(`fetching the test server with Maven: ${elapsed} of usually ${USUALLY}`, 'passing');
    },
  });
  await writeFile(join(folder, name), LAUNCHER);
  await chmod(join(folder, name), 0o755);
  return folder;
}
