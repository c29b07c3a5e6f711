// One command on this machine: its process, its output pipe and the way to end it with all that it started.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import { constants } from 'node:os';
import { killTree, readEntry } from '../../../../platform/process/index.js';
import type { CommandSpec, RunningCommand } from '../executor.port.js';
import type { OpenPipe } from './pipe-pool.js';

/** How long output of processes left running is read after the main process ended, in ms. */
const AFTER_EXIT_MS = 1000;
const TICK_MS = 25;
/** So much a pipe holds. */
const PIPE_BYTES = 64 * 1024;

/** A variable by which processes are found. */
export interface Marker {
  name: string;
  value: string;
}

export class HostCommand implements RunningCommand {
  readonly exit: Promise<{ code: number }>;
  /** When its main process was started, as `startedAt` of a ProcessEntry; undefined where that is not known. */
  readonly startedAt: string | undefined;
  private ended = false;
  private readonly output: CommandOutput;

  private constructor(
    private readonly child: ChildProcess,
    pipe: OpenPipe,
    onOutput: CommandSpec['onOutput'],
    private readonly marker: Marker,
  ) {
    // The process is there, as a zombie at least, until its end is heard of in a later turn.
    const { pid } = child;
    this.startedAt =
      pid === undefined || process.platform !== 'linux' ? undefined : readEntry(pid)?.startedAt;
    this.output = new CommandOutput(pipe.readEnd, onOutput);
    this.exit = this.waitForEnd();
    // Whoever starts a command may kill it without looking at its end.
    this.exit.catch(() => undefined);
  }

  /**
   * Starts the command in a process group of its own. Whether it could be started `spawned` tells.
   * @param marker a variable that only this command and its children have
   */
  static start(
    spec: CommandSpec,
    environment: Record<string, string>,
    pipe: OpenPipe,
    marker: Marker,
  ): HostCommand {
    const [program, ...args] = spec.argv;
    let child: ChildProcess;
    try {
      child = spawn(program!, args, {
        cwd: spec.cwd,
        env: { ...environment, [marker.name]: marker.value },
        stdio: ['ignore', pipe.writeEnd, pipe.writeEnd],
        detached: true,
      });
    } catch (error) {
      closeSync(pipe.readEnd);
      throw error;
    } finally {
      closeSync(pipe.writeEnd);
    }
    return new HostCommand(child, pipe, spec.onOutput, marker);
  }

  /** Settles when the program runs. Rejects when it cannot be started; the message names it. */
  async spawned(): Promise<void> {
    await once(this.child, 'spawn');
  }

  /** The main process; undefined once it has ended: its number may be another's then. */
  get pid(): number | undefined {
    return this.ended ? undefined : this.child.pid;
  }

  async kill(graceMs = 5000): Promise<void> {
    const { name, value } = this.marker;
    const variable = { name, selects: (found: string) => found === value };
    const own = this.pid === undefined ? [] : [this.pid];
    const gone = await killTree({ pids: own, groups: own, variable, since: this.startedAt }, graceMs);
    if (gone) await this.exit.catch(() => undefined);
  }

  /** Stops reading what processes left running still print. */
  close(): void {
    this.output.close();
  }

  private async waitForEnd(): Promise<{ code: number }> {
    try {
      const [code, signal] = (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null];
      this.ended = true;
      await this.output.handedOver(AFTER_EXIT_MS);
      return { code: code ?? 128 + (signal ? constants.signals[signal] : 0) };
    } catch (error) {
      this.ended = true;
      this.output.close();
      throw error;
    }
  }
}

/** Reads the pipe, hands chunks on one by one, and stops reading while one is being taken. */
class CommandOutput {
  private readonly socket: Socket;
  private taking = false;
  private deliver = true;
  private atEnd = false;
  private failure: unknown;

  constructor(
    fd: number,
    private readonly onOutput: CommandSpec['onOutput'],
  ) {
    // Always the same memory: a new piece for each read is garbage at the rate of the output.
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(PIPE_BYTES),
      callback: (length, { buffer, byteOffset }) => this.take(Buffer.from(buffer, byteOffset, length)),
    };
    // Documented for sockets of any kind, but the types know it for those that connect only.
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      ...{ fd, readable: true, writable: false, onread },
    };
    this.socket = new Socket(options);
    this.socket.on('end', () => (this.atEnd = true));
    this.socket.on('error', () => (this.atEnd = true));
    this.socket.on('close', () => (this.atEnd = true));
    this.socket.resume();
  }

  /** False asks to read no more for now. */
  private take(chunk: Buffer): boolean {
    if (!this.deliver) return true;
    try {
      const taken = this.onOutput(chunk);
      if (taken === undefined) return true;
      this.taking = true;
      taken
        .catch((error: unknown) => this.fail(error))
        .finally(() => {
          this.taking = false;
          this.socket.resume();
        });
      return false;
    } catch (error) {
      this.fail(error);
      return true;
    }
  }

  /** What comes is read on, and dropped: the command is to end by itself, and the failure is told then. */
  private fail(error: unknown): void {
    this.failure ??= error;
    this.deliver = false;
  }

  /**
   * Waits for the end of the output, which comes at once when nothing else holds the pipe, and at most `limitMs` of
   * reading time. After that output is still read, and dropped: a program that prints into a closed pipe would die.
   */
  async handedOver(limitMs: number): Promise<void> {
    let left = limitMs;
    while (!(this.atEnd && !this.taking) && left > 0) {
      const before = Date.now();
      await this.endOrTick();
      if (!this.taking) left -= Math.max(1, Date.now() - before);
    }
    this.deliver = false;
    if (!this.atEnd) this.socket.unref();
    if (this.failure !== undefined) throw this.failure;
  }

  close(): void {
    this.deliver = false;
    this.socket.destroy();
  }

  private endOrTick(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.socket.off('end', done);
        resolve();
      };
      const timer = setTimeout(done, this.atEnd ? 1 : TICK_MS);
      this.socket.once('end', done);
    });
  }
}
