// Waiting for a condition, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Looks every `everyMs` until `look` gives something, and returns it. What `look` throws ends the wait. Throws after
 * `limitMs`, naming what was waited for.
 */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => T | undefined | Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
    await pause(everyMs);
  }
}
