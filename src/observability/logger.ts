import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactLine } from './redact.js';

export type Logger = PinoLogger;

const STDOUT = 1;

export interface LoggerOptions {
  readonly level: string;
  /** Which program it is: `worker`, `webhook`. */
  readonly role: string;
  /** Where the lines go. Default: stdout, written synchronously, so that nothing is lost at the end. */
  readonly destination?: DestinationStream;
}

/** One JSON object per line: `level` and `time` in words, `msg` a constant, the rest in fields. Redacts; see redact.ts. */
export function createLogger({ level, role, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { role },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redactLine },
    // Fastify names an error `err`, Temporal `error`.
    serializers: { err: stdSerializers.err, error: stdSerializers.err },
  };
  // Pino's own default writes behind: a line may still be under way when the process ends.
  return pino(options, destination ?? pino.destination({ dest: STDOUT, sync: true }));
}
