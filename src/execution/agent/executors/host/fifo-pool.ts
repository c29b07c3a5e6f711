// Named pipes made ahead of need. A command's output must be a real pipe, so that programs can open /dev/stderr;
// Node's own 'pipe' is a socket, which cannot be opened. Making one by mkfifo costs a process: so they are made in lots.
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const LOT = 8;

export interface OpenPipe {
  /** Non-blocking, for this process. */
  readEnd: number;
  /** Blocking, for the command; close it here once the command has it. */
  writeEnd: number;
}

export class FifoPool {
  private readonly ready: string[] = [];
  private filling: Promise<void> | undefined;
  private made = 0;

  /** @param directory absolute path of an existing directory of its own */
  constructor(private readonly directory: string) {}

  /** Makes the first lot. Call once before the first open(), so that it costs no step any time. */
  async fill(): Promise<void> {
    this.filling ??= this.makeLot().finally(() => (this.filling = undefined));
    await this.filling;
  }

  /** An open pipe that no path leads to any more. */
  async open(): Promise<OpenPipe> {
    while (this.ready.length === 0) await this.fill();
    const path = this.ready.shift()!;
    if (this.ready.length < 2) this.fill().catch(() => undefined);
    // The reader first, without blocking; then opening for writing does not block either.
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
    } catch (error) {
      closeSync(readEnd);
      throw error;
    } finally {
      unlink(path).catch(() => undefined);
    }
  }

  private async makeLot(): Promise<void> {
    const paths = Array.from({ length: LOT }, () => join(this.directory, `pipe-${this.made++}`));
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths], { timeout: 10_000 });
    this.ready.push(...paths);
  }
}
