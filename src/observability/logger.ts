import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactLine } from './redact.js';

export type Logger = PinoLogger;

const STDOUT = 1;

export interface LoggerOptions {
  readonly level: string;
  /** The process: `worker`, `webhook` or `codec-server`. */
  readonly role: string;
  /** Default: stdout, written synchronously, so that no line is lost at the exit. */
  readonly destination?: DestinationStream;
}

/** Writes one JSON object per line: a level name, an ISO time, a constant `msg`, and fields. Redacts; see redact.ts. */
export function createLogger({ level, role, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { role },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redactLine },
    // Fastify logs an error as `err`, Temporal as `error`.
    serializers: { err: stdSerializers.err, error: stdSerializers.err },
  };
  // Pino's default is asynchronous and can lose the last lines.
  return pino(options, destination ?? pino.destination({ dest: STDOUT, sync: true }));
}
