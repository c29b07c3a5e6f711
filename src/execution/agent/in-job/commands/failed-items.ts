// Which items a rerun of failed tests keeps (AGENT ).
import type { FailedTests } from '../../../protocol/index.js';
import { sortedNames } from '../compare.js';

/**
 * The items whose file, or class where no file is known, had a failed test. Classes that failed and are no items, because the
 * list is one of files, come after them. Where no item is among the failed ones, those are the list: the names of the list are
 * of another form then, and failed tests that do not run again would look mended.
 */
export function failedItems(items: readonly string[], { failed }: FailedTests): string[] {
  const files = new Set(failed.map(({ file }) => file).filter((file) => file !== ''));
  const classes = new Set(
    failed.filter(({ file, classname }) => file === '' && classname !== '').map(({ classname }) => classname),
  );
  const kept = items.filter((item) => files.has(item) || classes.has(item));
  const unlisted = sortedNames([...classes].filter((name) => !kept.includes(name)));
  return kept.length === 0 ? [...sortedNames([...files]), ...unlisted] : [...kept, ...unlisted];
}
