// Tars that pass by: names long and odd, entries left out, and what is no whole tar.
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar, { type Header } from 'tar-stream';
import { TarEdit, type TarVerdict } from './tar-edit.js';
import type { TarHeader } from './tar-header.js';

const LONG = `${'deep/'.repeat(40)}file`;

async function tarOf(entries: (Partial<Header> & { name: string; text?: string })[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { text, ...header } of entries) pack.entry(header, text ?? '');
  pack.finalize();
  return bytesOf(pack as unknown as Readable);
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}

/** What comes out, with the input cut into pieces of `piece` bytes. */
async function edited(
  archive: Buffer,
  edit: (entry: TarHeader) => TarVerdict,
  piece = archive.length,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < archive.length; at += piece)
    pieces.push(Buffer.from(archive.subarray(at, at + piece)));
  const chunks: Buffer[] = [];
  await pipeline(Readable.from(pieces), new TarEdit(edit), async (source) => {
    for await (const chunk of source) chunks.push(Buffer.from(chunk as Buffer));
  });
  return Buffer.concat(chunks);
}

async function contentOf(archive: Buffer): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  const extract = tar.extract();
  Readable.from([archive]).pipe(extract);
  for await (const entry of extract) {
    const { type, name, linkname } = entry.header;
    const text = String(await bytesOf(entry as unknown as Readable));
    content[name] = linkname ? `${type} to ${linkname}` : text;
  }
  return content;
}

/** Made by the `tar` of this machine, whose long names are GNU's. */
function gnuTar(): Buffer {
  const script = `set -e; cd "$(mktemp -d)"; mkdir -p ${'deep/'.repeat(40)}; echo long >${LONG}; ln -s "$PWD/${LONG}" link
    ln ${LONG} hard; printf a >a; tar --format=gnu -cf - *; rm -rf "$PWD"`;
  return execFileSync('/bin/sh', ['-c', script], { maxBuffer: 1e8 });
}

describe('a tar that passes by', () => {
  it.each([1e9, 10_240, 513, 512, 7])('stays as it was, in pieces of %d bytes', async (piece) => {
    const archive = await tarOf([
      { name: 'a.txt', text: 'one' },
      { name: 'empty', text: '' },
      { name: LONG, text: 'x'.repeat(5000) },
      { name: 'größe-😀', text: 'y'.repeat(512) },
      { name: 'link', type: 'symlink', linkname: 'a.txt' },
    ]);
    const seen: string[] = [];
    const out = await edited(archive, (entry) => (seen.push(entry.name), 'keep'), piece);
    expect(out.equals(archive)).toBe(true);
    expect(seen.slice(0, 3)).toEqual(['a.txt', 'empty', LONG]);
    expect(Buffer.from(seen[3]!, 'latin1').toString()).toBe('größe-😀');
  });

  it('loses the entries that are dropped, and what describes them', async () => {
    const archive = await tarOf([
      { name: 'a', text: 'one' },
      { name: LONG, text: 'x'.repeat(5000) },
      { name: 'b', text: 'two' },
    ]);
    const out = await edited(archive, ({ name }) => (name === LONG ? 'drop' : 'keep'), 700);
    expect(await contentOf(out)).toEqual({ a: 'one', b: 'two' });
  });

  it.each(['gnu', 'pax'])('gets other names, longer and shorter ones (%s)', async (format) => {
    const archive =
      format === 'gnu'
        ? gnuTar()
        : await tarOf([
            { name: LONG, text: 'long\n' },
            { name: 'hard', type: 'link', linkname: LONG },
            { name: 'a', text: 'a' },
          ]);
    const prefix = `${'p'.repeat(60)}/${'q'.repeat(60)}/`;
    const longer = await edited(archive, ({ name, linkname, type }) => ({
      name: prefix + name,
      linkname: type === '1' ? prefix + linkname : linkname,
    }));
    const found = await contentOf(longer);
    expect(Object.keys(found).every((name) => name.startsWith(prefix))).toBe(true);
    const target = [found[`${prefix}hard`], found[prefix + LONG]];
    expect(target).toContain('long\n');
    expect(found[`${prefix}a`]).toBe('a');
    const back = await edited(
      longer,
      ({ name, linkname, type }) => ({
        name: name.slice(prefix.length),
        linkname: type === '1' ? linkname.slice(prefix.length) : linkname,
      }),
      999,
    );
    expect(await contentOf(back)).toEqual(await contentOf(archive));
  });

  it('keeps names that are not UTF-8', async () => {
    const script = `set -e; cd "$(mktemp -d)"; printf x >"$(printf 'caf\\351')"; tar -cf - *; rm -rf "$PWD"`;
    const archive = execFileSync('/bin/sh', ['-c', script]);
    const out = await edited(archive, ({ name, linkname }) => ({ name: `d/${name}`, linkname }));
    expect(out.includes(Buffer.from('d/caf\xe9', 'latin1'))).toBe(true);
  });

  it('fails when it breaks off, wherever', async () => {
    const archive = await tarOf([
      { name: 'a.txt', text: 'one' },
      { name: LONG, text: 'x'.repeat(5000) },
    ]);
    const keep = (): TarVerdict => 'keep';
    for (const length of [0, 100, 512, 700, 1024, 2000, archive.length - 1024]) {
      await expect(edited(archive.subarray(0, length), keep)).rejects.toThrow('the archive breaks off');
    }
    await expect(edited(archive.subarray(0, archive.length - 512), keep)).resolves.toBeDefined();
  });

  it('fails on what is no tar', async () => {
    await expect(edited(Buffer.alloc(1024, 'x'), () => 'keep')).rejects.toThrow('the archive is damaged');
    const archive = await tarOf([{ name: 'a', text: 'one' }]);
    archive[3] = 65;
    await expect(edited(archive, () => 'keep')).rejects.toThrow('the archive is damaged');
  });
});
