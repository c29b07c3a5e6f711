// Which entries of an archive may be unpacked: nothing of it may end up outside the directory it is unpacked into.
import { posix } from 'node:path';
import type { TarVerdict } from './tar-edit.js';
import { nameOf, TarError, type TarHeader } from './tar-header.js';

const FILE = ['0', '7'];
const HARD_LINK = '1';
const SYMBOLIC_LINK = '2';
const DIRECTORY = '5';
const NOT_FILES = ['3', '4', '6'];
const OUT = /(^|\/)\.\.(\/|$)/;
/** Names that can be written in a shorter way. */
const ODD = /(^|\/)\.?\/|\/\.?$|^\.$/;

/**
 * Judges the entries of one archive, in order. Leaves out devices and pipes. Throws TarError for names and targets of
 * hard links that are absolute or have `..`, for what lies behind a symbolic link of this archive that leads out, and
 * for kinds of entries that are not known. Symbolic links themselves are kept, wherever they lead.
 *
 * @param skipped is told the name of each entry that is left out
 */
export function safeEntries(skipped: (name: string) => void): (entry: TarHeader) => TarVerdict {
  /** Symbolic links of this archive that lead out of it, by their paths. */
  const leadingOut = new Set<string>();
  return ({ name, type, linkname }) => {
    const path = inside(name);
    if (leadingOut.size > 0) {
      for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent))
        if (leadingOut.has(parent)) throw unsafe(name, 'lies behind a link that leads out of the archive');
    }
    if (NOT_FILES.includes(type)) {
      skipped(nameOf(name));
      return 'drop';
    }
    if (type === HARD_LINK) inside(linkname);
    else if (type === SYMBOLIC_LINK) {
      if (leadsOut(path, linkname)) leadingOut.add(path);
    } else if (!FILE.includes(type) && type !== DIRECTORY)
      throw unsafe(name, `is of an unknown kind (${nameOf(type)})`);
    if (type !== SYMBOLIC_LINK) leadingOut.delete(path);
    return 'keep';
  };
}

/** The path without a slash at its end. */
function inside(name: string): string {
  if (name === '' || name.startsWith('/') || OUT.test(name)) throw unsafe(name, 'is not a path inside of it');
  return ODD.test(name) ? posix.normalize(name).replace(/\/$/, '') : name;
}

function leadsOut(path: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  const reached = posix.join(posix.dirname(path), target);
  return reached === '..' || reached.startsWith('../');
}

function unsafe(name: string, why: string): TarError {
  return new TarError(
    `the archive is not unpacked: its entry ${JSON.stringify(nameOf(name).slice(0, 200))} ${why}`,
  );
}
