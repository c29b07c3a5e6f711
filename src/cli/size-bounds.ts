// How large a config may be, for commands that compile without a server: the same settings as the server's.
import { readSettings } from '../../config/settings.js';
import { sizeBounds } from '../boot/size-bounds.js';
import type { SizeBounds } from '../pipelines/config/index.js';

/** Throws SettingsError for a wrong `ROTUNDA_COMPILE_*`. Other variables are not looked at: nothing else is set by them here. */
export function boundsOfEnvironment(): SizeBounds {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('ROTUNDA_COMPILE_'));
  return sizeBounds(readSettings(Object.fromEntries(own)));
}
