// The version of this program, which stands in its package.json.
import { readFileSync } from 'node:fs';

/** E.g. `0.1.0`; `unknown` when the package.json is not where it belongs. */
export function programVersion(): string {
  // The built program lies one directory deeper than the sources.
  for (const path of ['../../../package.json', '../../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'rotunda' && version !== undefined) return version;
    } catch {
      // Not there: the other one.
    }
  }
  return 'unknown';
}
