// How keys become paths of the directory store and back.
//
// Every directory name ends in `.d` and every blob file in `.b`, so the keys `a` and `a/b` can both exist, as they can
// in S3. Segments of 60 code points or more go on in a directory `<first 60>.c`, so a segment may be longer than the
// 255 bytes of a file name. No name in the tree equals a name of the key, so `.` and `..` cannot occur either.
const PIECE = 60;

export type EntryKind = 'blob' | 'directory' | 'continuation';

/** Path of a blob, relative to the tree, as its parts. */
export function blobPath(key: string): string[] {
  const segments = key.split('/');
  return segments.flatMap((segment, index) => pieces(segment, index === segments.length - 1 ? '.b' : '.d'));
}

/** Path of the directory of a prefix, which ends in `/`, relative to the tree, as its parts. */
export function prefixPath(prefix: string): string[] {
  return prefix
    .slice(0, -1)
    .split('/')
    .flatMap((segment) => pieces(segment, '.d'));
}

/** What a name in the tree adds to the key, and what kind of thing it is; undefined for names that are not ours. */
export function entryOf(name: string): { kind: EntryKind; text: string } | undefined {
  const text = name.slice(0, -2);
  if (name.endsWith('.b')) return { kind: 'blob', text };
  if (name.endsWith('.d')) return { kind: 'directory', text: `${text}/` };
  if (name.endsWith('.c')) return { kind: 'continuation', text };
  return undefined;
}

function pieces(segment: string, suffix: string): string[] {
  const letters = [...segment];
  const path: string[] = [];
  while (letters.length >= PIECE) path.push(`${letters.splice(0, PIECE).join('')}.c`);
  return [...path, letters.join('') + suffix];
}
