import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** `rule` is the linter's name for it, such as `project(imports)`. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly message: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

const LINTER = resolve('node_modules/oxlint/bin/oxlint');
const SETTINGS = ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'dev/lint'];

/** Runs the linter, with this project's settings, on a project that has only these files. */
export async function lint(files: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    for (const path of SETTINGS) cpSync(path, join(folder, path), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const { diagnostics } = JSON.parse(await outputIn(folder)) as Report;
    return diagnostics.map(({ code, message, filename, labels }) => {
      return { file: filename, line: labels[0]?.span.line ?? 0, rule: code, message };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The linter fails when it finds a problem, so its status says nothing here. */
function outputIn(cwd: string): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, [LINTER, '--format', 'json'], { cwd }, (_failed, stdout) => {
      done(stdout);
    });
  });
}
