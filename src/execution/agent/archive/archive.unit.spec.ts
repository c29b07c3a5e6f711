// Archives of real files: by every way of compressing them, damaged, cut off, and from one home directory to another.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { textOf } from '../executors/executor.testing.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { DirectoryFiles } from '../files/directory-files.js';
import { fromHome, packArchive, toHome, unpackArchive } from './archive.js';
import { compress, compressionOf, decompress, zstdTools, type ZstdTools } from './compression.js';

let directory: string;
const environment = new DirectoryFiles() as unknown as ExecutionEnvironment;
const bytesOf = async (stream: Readable): Promise<Buffer> =>
  Buffer.from(await textOf(stream, 'latin1'), 'latin1');
const sh = (script: string): string =>
  execFileSync('/bin/sh', ['-ec', script], { cwd: directory }).toString();
const all: ZstdTools = { program: true, node: false };
const onlyNode: ZstdTools = { program: false, node: true };
const none: ZstdTools = { program: false, node: false };

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rotunda-archive-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('compression', () => {
  const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000, 'abc'), randomBytes(10)]);
  const ways = async (): Promise<ZstdTools[]> => {
    const here = await zstdTools();
    return [none, ...(here.program ? [all] : []), ...(here.node ? [onlyNode] : [])];
  };

  it('is undone by every way that this machine has', async () => {
    for (const writing of await ways()) {
      const compressed = await bytesOf(compress(Readable.from([content]), writing));
      expect(compressionOf(compressed)).toBe(writing === none ? 'gzip' : 'zstd');
      expect(compressed.length).toBeLessThan(content.length / 5);
      for (const reading of await ways()) {
        const back = await bytesOf(await decompress(Readable.from(pieces(compressed, 5000)), reading));
        expect(back.equals(content)).toBe(true);
      }
    }
  });

  it('of a content that breaks is never whole', async () => {
    for (const writing of await ways()) {
      const broken = Readable.from(
        (function* () {
          yield content.subarray(0, 1_000_000);
          throw new Error('the disk broke');
        })(),
      );
      await expect(bytesOf(compress(broken, writing))).rejects.toThrow('the disk broke');
    }
  });

  it('that is cut off is seen', async () => {
    for (const writing of await ways()) {
      const compressed = await bytesOf(compress(Readable.from([content]), writing));
      for (const reading of await ways()) {
        const cut = compressed.subarray(0, compressed.length - 100);
        await expect(decompress(Readable.from([cut]), reading).then(bytesOf)).rejects.toThrow();
      }
    }
  });

  it('is not needed', async () => {
    for (const text of ['', 'a', 'plain text'])
      expect(String(await bytesOf(await decompress(Readable.from([Buffer.from(text)]), none)))).toBe(text);
  });

  it('says why when what it reads breaks off at once', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('the connection broke'));
      },
    });
    await expect(decompress(broken, none)).rejects.toThrow('the connection broke');
  });
});

describe('an archive', () => {
  it('brings files, modes and links to another home directory', async () => {
    sh(`mkdir -p one/home/.deps/sub one/home/ö two; cd one/home; echo dep >.deps/sub/a; chmod 755 .deps/sub/a
      ln -s "$PWD/.deps/sub/a" .deps/absolute; ln -s sub/a .deps/relative; ln .deps/sub/a .deps/hard; echo u >ö/ü; mkfifo .deps/pipe`);
    const [one, two] = [join(directory, 'one/home'), join(directory, 'two/a-longer-home')];
    const archive = await bytesOf(
      await packArchive(
        environment,
        '/',
        [`${one}/.deps`, `${one}/ö`].map((path) => path.slice(1)),
        fromHome(one),
      ),
    );
    const [files, skipped]: [string[], string[]] = [[], []];
    await unpackArchive(environment, '/', Readable.from([archive]), {
      rename: toHome(two),
      sha256: createHash('sha256').update(archive).digest('hex'),
      onFile: (name) => files.push(name),
      onSkipped: (name) => skipped.push(name),
    });
    expect(readFileSync(join(two, '.deps/hard'), 'utf8')).toBe('dep\n');
    expect(statSync(join(two, '.deps/hard')).ino).toBe(statSync(join(two, '.deps/sub/a')).ino);
    expect(statSync(join(two, '.deps/sub/a')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(two, '.deps/absolute'))).toBe(join(two, '.deps/sub/a'));
    expect(readlinkSync(join(two, '.deps/relative'))).toBe('sub/a');
    expect(readFileSync(join(two, 'ö/ü'), 'utf8')).toBe('u\n');
    expect(files.map((name) => name.slice(two.length)).sort()).toEqual(
      ['.deps/absolute', '.deps/hard', '.deps/relative', '.deps/sub/a', 'ö/ü'].sort(),
    );
    expect([skipped, existsSync(join(two, '.deps/pipe'))]).toEqual([['~/.deps/pipe'], false]);
  });

  it('of an earlier version, with gzip, is unpacked', async () => {
    sh('mkdir -p old; echo x >old/x');
    const archive = gzipSync(execFileSync('tar', ['-cf', '-', 'old'], { cwd: directory }));
    await unpackArchive(environment, join(directory, 'from-old'), Readable.from([archive]));
    expect(readFileSync(join(directory, 'from-old/old/x'), 'utf8')).toBe('x\n');
  });

  it('that is not what was stored, or breaks off, is told of', async () => {
    sh('mkdir -p some; head -c 300000 /dev/urandom >some/x');
    const archive = await bytesOf(await packArchive(environment, directory, ['some']));
    const to = join(directory, 'damaged');
    const unpack = (bytes: Buffer, sha256?: string) =>
      unpackArchive(environment, to, Readable.from(pieces(bytes, 60_000)), { sha256 });
    await expect(unpack(archive, 'f'.repeat(64))).rejects.toThrow('another checksum than when it was stored');
    await expect(unpack(archive.subarray(0, 200_000))).rejects.toThrow();
    await expect(unpack(Buffer.alloc(0))).rejects.toThrow('the archive breaks off');
    await expect(unpack(Buffer.from('<html>not found</html>'.repeat(100)))).rejects.toThrow(
      'the archive is damaged',
    );
    await unpack(archive, createHash('sha256').update(archive).digest('hex'));
  });

  it('that would write elsewhere does not', async () => {
    sh('mkdir -p evil/in; echo x >evil/x; echo y >evil/in/y');
    for (const [expression, words] of [
      ['s,^x$,../outside,', 'is not a path inside of it'],
      ['s,^x$,/outside,', 'is not a path inside of it'],
    ] as const) {
      const archive = execFileSync('tar', ['-P', '-cf', '-', `--transform=${expression}`, 'x'], {
        cwd: join(directory, 'evil'),
      });
      const unpacking = unpackArchive(environment, join(directory, 'evil/in'), Readable.from([archive]));
      await expect(unpacking).rejects.toThrow(words);
    }
    expect([existsSync(join(directory, 'evil/outside')), existsSync('/outside')]).toEqual([false, false]);
  });

  it('fails to be made when a path is missing', async () => {
    await expect(packArchive(environment, directory, ['none']).then(bytesOf)).rejects.toThrow(
      /none.*No such file/,
    );
  });
});

function pieces(bytes: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );
}
