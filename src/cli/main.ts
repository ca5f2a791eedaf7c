#!/usr/bin/env node
import { processEnvironment } from '../config/process-environment.js';
import { shutdownSignal } from '../roles/shutdown-signal.js';
import { endWithoutReader, written } from './closed-output.js';
import { runProgram } from './program.js';

const { argv, stdin, stdout, stderr } = process;
const terminal = { stdin, stdout, stderr, environment: processEnvironment(), shutdownSignal };
endWithoutReader(process);
const code = await runProgram(argv.slice(2), terminal);
await written(stdout);
// Connections may still be open.
process.exit(code);
