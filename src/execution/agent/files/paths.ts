// Paths as people write them in a config, made absolute inside an environment. All are POSIX paths.
import { posix } from 'node:path';

/** `~` and `~/x` become the home directory and what is in it; everything else stays. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return path.startsWith('~/') ? posix.join(home, path.slice(2)) : path;
}

/** An absolute path without `.`, `..` and a trailing slash: `~` is the home, relative ones start at `base`. */
export function absolutePath(path: string, base: string, home: string): string {
  return posix.resolve(base, expandHome(path, home));
}

/** The path relative to `base`, '' for the base itself; undefined when it is outside. Both are absolute. */
export function below(base: string, path: string): string | undefined {
  if (path === base) return '';
  const prefix = base === '/' ? '/' : `${base}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** The paths, sorted, without those that lie under another one of them. */
export function outermost(paths: readonly string[]): string[] {
  const sorted = [...new Set(paths)].sort();
  const all = new Set(sorted);
  return sorted.filter((path) => {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
      if (parent !== path && all.has(parent)) return false;
      if (parent === '/') break;
    }
    return true;
  });
}
