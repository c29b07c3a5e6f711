// Bulk data in and out of a container through the engine's archive calls: for images without `tar`.
// Not the first choice: the engine locks the container during such a call, and does not see temporary file systems.
import { posix } from 'node:path';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { call, isGone } from './engine.js';

const TRANSFER_MS = 3_600_000;

type Change = (header: tar.Header) => tar.Header | undefined;

/**
 * Unpacks below `base` (it exists); everything then belongs to `uid` and `gid`. Directories that the tar
 * implies belong to root.
 */
export async function putTar(
  container: Docker.Container,
  base: string,
  input: Readable,
  owner: { uid: number; gid: number },
): Promise<void> {
  const pack = tar.pack();
  // Names are given from / on: the engine refuses relative links that leave the directory it is told to unpack into.
  const copying = copyEntries(input, pack, (header) => {
    const name = posix.join(base, header.name);
    if (name.replace(/\/$/, '') === base.replace(/\/$/, '')) return undefined;
    const linkname = header.type === 'link' ? posix.join(base, header.linkname).slice(1) : header.linkname;
    return { ...header, ...owner, name: name.slice(1), linkname, uname: '', gname: '', pax: null };
  }).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  const body = Readable.from(pack as unknown as AsyncIterable<Buffer>, { objectMode: false });
  try {
    await call('put archive', (abortSignal) => container.putArchive(body, { path: '/', abortSignal }), {
      timeoutMs: TRANSFER_MS,
    });
  } finally {
    pack.destroy();
    input.destroy();
    await copying;
  }
}

/** A tar of these paths below `base`, which it names relative to it. */
export function getTar(container: Docker.Container, base: string, paths: string[]): Readable {
  const pack = tar.pack();
  const copy = async (): Promise<void> => {
    for (const path of paths) {
      const whole = posix.join(base, path) + (path === '.' ? '/.' : '');
      const rename = (name: string): string => posix.join(path, name.replace(/^\/?[^/]*\/?/, ''));
      const change: Change = (header) => {
        const name = rename(header.name);
        if (name === '.') return undefined;
        const linkname = header.type === 'link' ? rename(header.linkname) : header.linkname;
        return { ...header, name, linkname, pax: null };
      };
      let source: Readable;
      try {
        source = (await call('get archive', () => container.getArchive({ path: whole }))) as Readable;
      } catch (error) {
        throw isGone(error) ? new Error(`${whole}: no such file or directory`) : error;
      }
      await copyEntries(source, pack, change);
    }
    pack.finalize();
  };
  copy().catch((error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(pack as unknown as AsyncIterable<Buffer>, { objectMode: false });
}

/** Copies entry by entry; `change` gives the new header, or undefined to leave the entry out. */
async function copyEntries(source: Readable, pack: tar.Pack, change: Change): Promise<void> {
  const extract = tar.extract();
  source.on('error', (error) => extract.destroy(error));
  let complete = false;
  source.on('end', () => (complete = true));
  source.on('close', () => {
    if (!complete) extract.destroy(new Error('the archive breaks off'));
  });
  source.pipe(extract);
  try {
    for await (const entry of extract) {
      const header = change(entry.header);
      if (!header) {
        entry.resume();
        continue;
      }
      const sink = pack.entry(header);
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        if (pack.destroyed) throw new Error('the transfer was stopped');
        if (!sink.write(chunk)) await room(sink, pack);
      }
      // streamx declares an argument that it does not need.
      sink.end(null);
      if (header.type === 'file') await finished(sink as unknown as NodeJS.WritableStream);
    }
  } finally {
    source.destroy();
  }
}

/** Waits until more may be written, or the archive is given up. Leaves no listeners: it is called for every other chunk. */
async function room(sink: NodeJS.EventEmitter, pack: NodeJS.EventEmitter): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(sink, 'drain', { signal }), once(pack, 'close', { signal })]).finally(() =>
    over.abort(),
  );
}
