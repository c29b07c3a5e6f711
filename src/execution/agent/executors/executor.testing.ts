// Helpers of the executor suites: tars made and read in memory, waiting for a condition.
import type { Readable } from 'node:stream';
import tar from 'tar-stream';

export interface PackedFile {
  name: string;
  text?: string;
  linkTo?: string;
  mode?: number;
}

/** A tar stream of these files and symbolic links. */
export async function packFiles(files: PackedFile[]): Promise<Readable> {
  const pack = tar.pack();
  for (const file of files) {
    if (file.linkTo === undefined) pack.entry({ name: file.name, mode: file.mode ?? 0o644 }, file.text ?? '');
    else pack.entry({ name: file.name, type: 'symlink', linkname: file.linkTo });
  }
  pack.finalize();
  return pack as unknown as Readable;
}

/** The regular files of a tar stream: name (without a leading `./`) to text. */
export async function unpackedTexts(stream: Readable): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  stream.pipe(extract);
  for await (const entry of extract) {
    const text = await textOf(entry as unknown as Readable);
    if (entry.header.type === 'file') texts[entry.header.name.replace(/^\.\//, '')] = text;
  }
  return texts;
}

export async function textOf(stream: Readable, encoding: BufferEncoding = 'utf8'): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString(encoding);
}

/** Resolves when the condition holds; throws after `limitMs` with `what` in the message. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
