// What every command needs of its surroundings: settings, a logger, the signals that stop it.
import { readSettings, type Settings } from '../../config/settings.js';
import { makeLogger, type Logger } from '../platform/telemetry/logger.js';

export function settingsAndLogger(overrides: Record<string, string | undefined> = {}): {
  settings: Settings;
  logger: Logger;
} {
  const settings = readSettings({ ...process.env, ...overrides });
  return { settings, logger: makeLogger({ level: settings.logLevel, format: settings.logFormat }) };
}

/** Resolves with the name of the first SIGINT or SIGTERM. A second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const on = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(130);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGINT', on);
    process.on('SIGTERM', on);
  });
}
