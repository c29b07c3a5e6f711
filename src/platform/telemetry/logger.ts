// Logs: pino, as JSON for machines or as one line of text for people. Known secret fields are never written.
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

export interface LoggerOptions {
  level: string;
  format: 'json' | 'text';
  /** Default: standard error, so that standard output stays the user's. */
  destination?: DestinationStream;
}

const SECRET_FIELDS = [
  'token',
  'taskToken',
  'password',
  'authorization',
  'secretEnvironment',
  'req.headers.authorization',
  'req.headers["circle-token"]',
];

export function makeLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true });
  return pino(
    {
      level: options.level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_FIELDS.flatMap((f) => (f.includes('.') ? [f] : [f, `*.${f}`])),
        censor: '****',
      },
      serializers: { err: pino.stdSerializers.err },
    },
    options.format === 'json' ? destination : asText(destination),
  );
}

const LEVELS: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Rewrites pino's JSON lines as `time level message key=value ...`. */
function asText(destination: DestinationStream): DestinationStream {
  return {
    write(line: string): void {
      const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const fields = Object.entries(rest).map(
        ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      const problem = err as { message?: string; stack?: string } | undefined;
      const detail = problem
        ? `\n    ${(Number(level) >= 50 ? problem.stack : undefined) ?? problem.message ?? ''}`
        : '';
      destination.write(
        `${String(time).slice(11, 23)} ${LEVELS[Number(level)] ?? level} ${String(msg ?? '')}${fields.join('')}${detail}\n`,
      );
    },
  };
}
