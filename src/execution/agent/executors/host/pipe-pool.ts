// Pipes made ahead of need. A command's output must be a real pipe, so that programs can open /dev/stderr; Node's own
// 'pipe' is a socket, which cannot be opened. mkfifo makes one, but costs a process: so they are made in lots, for all
// tasks together, and held open: no file of them is left.
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const LOT = 24;
/** The next lot is made when fewer than these are left. */
const FEW = 8;

export interface OpenPipe {
  /** Non-blocking, for this process. */
  readEnd: number;
  /** Blocking, for the command; close it here once the command has it. */
  writeEnd: number;
}

export class PipePool {
  private readonly ready: OpenPipe[] = [];
  private filling: Promise<void> | undefined;
  private made = 0;

  /**
   * Sees to it that there are pipes before they are needed; does not wait for them.
   * @param directory absolute path of an existing directory, used for a moment
   */
  prepare(directory: string): void {
    if (this.ready.length < FEW && this.filling === undefined) this.fill(directory).catch(() => undefined);
  }

  /** An open pipe that no path leads to. Close both ends. */
  async take(directory: string): Promise<OpenPipe> {
    for (;;) {
      const pipe = this.ready.shift();
      if (pipe !== undefined) return pipe;
      // A lot that another task has ordered may fail with that task's directory: then this one makes its own.
      if (this.filling !== undefined) await this.filling.catch(() => undefined);
      else await this.fill(directory);
    }
  }

  private fill(directory: string): Promise<void> {
    this.filling = this.makeLot(directory).finally(() => (this.filling = undefined));
    return this.filling;
  }

  private async makeLot(directory: string): Promise<void> {
    const paths = Array.from({ length: LOT }, () => join(directory, `pipe-${this.made++}`));
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths], { timeout: 10_000 });
    for (const path of paths) this.ready.push(openBoth(path));
  }
}

export function closePipe({ readEnd, writeEnd }: OpenPipe): void {
  closeSync(readEnd);
  closeSync(writeEnd);
}

function openBoth(path: string): OpenPipe {
  // The reader first, without blocking; then opening for writing does not block either.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(readEnd);
    throw error;
  } finally {
    unlinkSync(path);
  }
}
