// Small files, directories and links as a tar: for executors that take files as one stream.
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { NewEntry } from '../executors/executor.port.js';

/** A tar of these entries, in this order. */
export function tarOf(entries: readonly NewEntry[]): Readable {
  const pack = tar.pack();
  for (const entry of entries) {
    if ('linkTo' in entry) pack.entry({ name: entry.path, type: 'symlink', linkname: entry.linkTo });
    else if ('directory' in entry)
      pack.entry({ name: `${entry.path}/`, type: 'directory', mode: entry.mode });
    else pack.entry({ name: entry.path, mode: entry.mode }, entry.content);
  }
  pack.finalize();
  return pack as unknown as Readable;
}
