#!/usr/bin/env node
import { processEnvironment } from '../config/process-environment.js';
import { shutdownSignal } from '../roles/shutdown-signal.js';
import { runProgram } from './program.js';

const { argv, stdin, stdout, stderr } = process;
const terminal = { stdin, stdout, stderr, environment: processEnvironment(), shutdownSignal };
// Connections may still be open. Nothing is lost: on Linux and macOS writes to stdout are synchronous.
process.exit(await runProgram(argv.slice(2), terminal));
