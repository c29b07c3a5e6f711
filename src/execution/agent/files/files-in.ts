// Small files out of a tar, into memory.
import type { Readable } from 'node:stream';
import tar from 'tar-stream';

/**
 * The regular files of a tar, by the name that `nameOf` gives them; those without one are left out.
 * @throws when they have more than `limit` bytes in all, or the tar breaks off
 */
export async function filesIn(
  source: Readable,
  limit: number,
  nameOf: (name: string) => string | undefined,
): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  let left = limit;
  const extract = tar.extract();
  source.on('error', (error) => extract.destroy(error));
  source.pipe(extract);
  try {
    for await (const entry of extract) {
      const name = entry.header.type === 'file' ? nameOf(entry.header.name) : undefined;
      if (name === undefined) {
        entry.resume();
        continue;
      }
      left -= entry.header.size ?? 0;
      if (left < 0) throw new Error(`there are more than ${limit} bytes`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
      files[name] = Buffer.concat(chunks);
    }
  } finally {
    source.destroy();
  }
  return files;
}
