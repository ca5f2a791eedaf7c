import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactLine } from './redact.js';

export type Logger = PinoLogger;

const STDOUT = 1;
/** Bytes. */
const LONGEST_BACKLOG = 1024 * 1024;

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
  return pino(options, destination ?? standardOutput());
}

/** Lines that can't be written, because of a full disk or a closed pipe, are lost: whatever a role does goes on. */
function standardOutput(): DestinationStream {
  // Pino's default is asynchronous and can lose the last lines. What waits to be written may not fill the memory.
  const stream = pino.destination({ dest: STDOUT, sync: true, maxLength: LONGEST_BACKLOG });
  stream.on('error', () => undefined);
  return stream;
}
