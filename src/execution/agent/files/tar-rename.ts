// Changes the names in a tar while it passes by: how a cache gets from one home directory to another.
import tar from 'tar-stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The same tar with every name, and every target of a link, given to `rename`. Errors of the source pass through. */
export function renameInTar(
  source: Readable,
  rename: (name: string, of: 'entry' | 'symlink') => string,
): Readable {
  const pack = tar.pack();
  const output = pack as unknown as Readable;
  const extract = tar.extract();
  source.on('error', (error) => extract.destroy(error));
  source.pipe(extract);
  const copy = async () => {
    for await (const entry of extract) {
      const { header } = entry;
      const linkname =
        header.linkname && rename(header.linkname, header.type === 'symlink' ? 'symlink' : 'entry');
      // The extended headers hold the old names: tar-stream writes new ones where they are needed.
      const renamed = { ...header, name: rename(header.name, 'entry'), linkname, pax: null };
      if (header.type === 'file' && header.size) {
        await pipeline(entry as unknown as Readable, pack.entry(renamed) as unknown as NodeJS.WritableStream);
      } else {
        pack.entry(renamed);
        entry.resume();
      }
    }
    pack.finalize();
  };
  copy().catch((error: Error) => output.destroy(error));
  output.on('close', () => source.destroy());
  return output;
}
