// Nest's own messages, as ours: its start-up chatter is debug.
import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../platform/telemetry/logger.js';

export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug(String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    const stack = rest.find((item) => typeof item === 'string' && item.includes('\n'));
    this.logger.error(stack === undefined ? String(message) : `${String(message)}\n${String(stack)}`);
  }
  warn(message: unknown): void {
    this.logger.warn(String(message));
  }
  debug(message: unknown): void {
    this.logger.trace(String(message));
  }
  verbose(message: unknown): void {
    this.logger.trace(String(message));
  }
}
