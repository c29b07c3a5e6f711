// The file half of an execution environment whose files are directories of this machine (host and fake executor).
//
// What is a single small call to the system is made in place: by way of the thread pool it would take ten times as much
// of the processor, and a job without work consists of such calls. What may be long (reading, listing, large files) is
// not.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  createReadStream,
  fchmodSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throughProgram } from '../archive/program.js';
import type { FileStat, NewEntry } from '../executors/executor.port.js';
import { globPaths } from './go-match.js';

const SMALL_FILE = 64 * 1024;
const PROBE_MS = 10_000;

export class DirectoryFiles {
  /** @param real turns a path of the environment into one of this machine. */
  constructor(private readonly real: (path: string) => string = (path) => path) {}

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      const found = statSync(this.real(path), { throwIfNoEntry: false });
      if (found === undefined) return undefined;
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
      return { kind, size: found.size };
    } catch (error) {
      if (['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  /** The first directory that had to be made, if any. */
  async mkdir(path: string): Promise<string | undefined> {
    return mkdirSync(this.real(path), { recursive: true });
  }

  async writeFile(path: string, content: Buffer | string, mode?: number): Promise<string | undefined> {
    const made = await this.mkdir(dirname(path));
    if (content.length <= SMALL_FILE) writeSmall(this.real(path), content, mode);
    else {
      await writeFile(this.real(path), content);
      if (mode !== undefined) await chmod(this.real(path), mode);
    }
    return made;
  }

  /** Makes small files, directories and links below `base`, with exactly these modes; files that are there are replaced. */
  make(base: string, entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      const path = this.real(join(base, entry.path));
      if ('linkTo' in entry) linkAnew(entry.linkTo, path);
      else if ('content' in entry) writeSmall(path, entry.content, entry.mode);
      else {
        mkdirSync(path, { recursive: true });
        chmodSync(path, entry.mode);
      }
    }
  }

  async readFile(path: string): Promise<Readable> {
    const file = await open(this.real(path), 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new Error(`${path} is a directory`);
    }
    await file.close();
    return createReadStream(this.real(path), { highWaterMark: 256 * 1024 });
  }

  async readFiles(directory: string, limit: number): Promise<Record<string, Buffer>> {
    const files: Record<string, Buffer> = {};
    let left = limit;
    for (const entry of await readdir(this.real(directory), { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = await open(join(this.real(directory), entry.name), 'r');
      try {
        left -= (await file.stat()).size;
        if (left < 0) throw new Error(`${directory} has more than ${limit} bytes`);
        files[entry.name] = await file.readFile();
      } finally {
        await file.close();
      }
    }
    return files;
  }

  async listFiles(path: string): Promise<string[]> {
    const found = await this.stat(path);
    if (found === undefined) return [];
    if (found.kind !== 'directory') return [''];
    const files: string[] = [];
    const walk = async (below: string): Promise<void> => {
      for (const entry of await readdir(join(this.real(path), below), { withFileTypes: true })) {
        const name = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) await walk(name);
        else if (entry.isFile() || entry.isSymbolicLink()) files.push(name);
      }
    };
    await walk('');
    return files.sort();
  }

  async glob(root: string, pattern: string): Promise<string[]> {
    const list = (path: string) => readdir(this.real(join(root, path))).catch(() => []);
    return globPaths(pattern, list, async (path) => (await this.stat(join(root, path))) !== undefined);
  }

  async pack(base: string, paths: string[]): Promise<Readable> {
    // A name that looks like an option would be taken for one.
    const operands = paths.map((path) => (path.startsWith('-') ? `./${path}` : path));
    const argv: [string, ...string[]] = ['tar', ...(await blocking()), '-cf', '-', '-C', this.real(base)];
    // 1: a file changed while it was read; it is in the archive all the same.
    return throughProgram({ argv: [...argv, ...operands], good: [0, 1] });
  }

  async unpack(base: string, source: Readable): Promise<void> {
    await this.mkdir(base);
    const tar = spawn('tar', [...(await blocking()), '-x', '-p', '-o', '-f', '-', '-C', this.real(base)], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const failure = failureOf(tar.stderr);
    const exit = once(tar, 'close').then(
      ([code]) => code as number | null,
      (error: Error) => error,
    );
    let broken: unknown;
    try {
      await pipeline(source, tar.stdin);
    } catch (error) {
      // tar may stop reading once it has seen the end of the archive; whether all went well its exit code says.
      if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '')) {
        broken = error;
        tar.kill('SIGKILL');
      }
    }
    const code = await exit;
    if (broken !== undefined) throw broken;
    if (code !== 0) throw new Error(`tar: ${failure() || String(code)}`);
  }
}

let blockingOfTar: Promise<string[]> | undefined;

/** GNU tar writes 10 KiB at a time unless it is told to write more. Others know no such option, or mean something else. */
function blocking(): Promise<string[]> {
  blockingOfTar ??= new Promise((resolve) => {
    execFile('tar', ['--version'], { timeout: PROBE_MS }, (error, stdout) =>
      resolve(error === null && stdout.includes('GNU tar') ? ['-b', '512'] : []),
    );
  });
  return blockingOfTar;
}

function writeSmall(path: string, content: Buffer | string, mode?: number): void {
  const file = openSync(path, 'w', mode ?? 0o666);
  try {
    writeFileSync(file, content);
    // The mode that a file is made with loses what the umask says.
    if (mode !== undefined) fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

function linkAnew(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    unlinkSync(path);
    symlinkSync(target, path);
  }
}

/** Collects the first lines of a helper's error output. */
function failureOf(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < 2000) text += chunk.toString();
  });
  return () => text.trim();
}
