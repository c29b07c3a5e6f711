// The output of one step, from the process to the server: masked, spooled, sent in order, sent again when need be.
import { setTimeout as sleep } from 'node:timers/promises';
import { Masker } from './masker.js';
import { Spool } from './spool.js';

const LARGEST_CHUNK = 1024 * 1024;
/** Chunks below this size are not sent more often than every PACE_MS: a program that prints line by line costs few calls. */
const SMALL_CHUNK = 64 * 1024;
const PACE_MS = 8;
/** A step that printed so lately, and a whole chunk of it, floods: what is sent meanwhile costs the step its processor. */
const FLOOD_MS = 20;
const LEAST_YIELDED_MS = 50;
const MOST_YIELDED_MS = 100;

/** Sends bytes and resolves with the offset to go on from. Tries again by itself; throws only when there is no hope. */
export type SendOutput = (offset: number, chunk: Buffer) => Promise<{ offset: number }>;

export class StepOutput {
  private readonly masker: Masker;
  private spool!: Spool;
  private sent = 0;
  private closed = false;
  private wake: () => void = () => undefined;
  private hurry: () => void = () => undefined;
  private sending!: Promise<void>;
  /** Why sending ended early. */
  private sendFailure: unknown;
  /** When the step last printed something, by `performance.now()`. */
  lastWrite = performance.now();

  private constructor(
    secrets: string[],
    private readonly send: SendOutput,
  ) {
    this.masker = new Masker(secrets);
  }

  static async open(path: string, secrets: string[], send: SendOutput): Promise<StepOutput> {
    const output = new StepOutput(secrets, send);
    output.spool = await Spool.create(path, () => output.wake());
    output.sending = output.sendAll().catch((error: unknown) => {
      output.sendFailure = error;
    });
    return output;
  }

  /** Takes output of the step; a promise asks to wait. Never waits for the server. */
  write(chunk: Buffer): void | Promise<void> {
    this.lastWrite = performance.now();
    if (this.closed) return;
    return this.spool.append(this.masker.write(chunk));
  }

  /** A line of the agent's own. */
  log(text: string): void {
    void this.write(Buffer.from(text));
  }

  /** No more output comes. Resolves with the final length in bytes, once it is on the disk. */
  async close(): Promise<number> {
    if (!this.closed) {
      this.closed = true;
      void this.spool.append(this.masker.end());
    }
    await this.spool.flush();
    this.wake();
    this.hurry();
    return this.spool.length;
  }

  /** Waits until the server has everything, then removes the spool. Throws what ended the sending. */
  async delivered(): Promise<void> {
    await this.sending;
    await this.spool.remove();
    if (this.sendFailure !== undefined) throw this.sendFailure;
  }

  /** Between two calls: small chunks are gathered, and a flood leaves most of the machine to the step that prints it. */
  private async pause(tookMs: number, sentBytes: number): Promise<void> {
    if (this.closed) return;
    const flood = sentBytes === LARGEST_CHUNK && performance.now() - this.lastWrite < FLOOD_MS;
    const small = this.spool.size - this.sent < SMALL_CHUNK;
    const left = flood
      ? Math.max(LEAST_YIELDED_MS, Math.min(MOST_YIELDED_MS, tookMs * 4))
      : small
        ? PACE_MS - tookMs
        : 0;
    if (left <= 0) return;
    const timer = new AbortController();
    this.hurry = () => timer.abort();
    await sleep(left, undefined, { signal: timer.signal }).catch(() => undefined);
  }

  private async sendAll(): Promise<void> {
    let buffer: Buffer = Buffer.alloc(0);
    for (;;) {
      const ready = this.spool.size - this.sent;
      if (ready <= 0) {
        if (this.closed && this.sent >= this.spool.length) return;
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      const started = performance.now();
      // One buffer for all: a new one for each chunk costs more than the reading (page faults, garbage collection).
      if (buffer.length < Math.min(ready, LARGEST_CHUNK)) {
        buffer = Buffer.allocUnsafeSlow(ready > SMALL_CHUNK ? LARGEST_CHUNK : SMALL_CHUNK);
      }
      const chunk = await this.spool.read(this.sent, buffer);
      const { offset } = await this.send(this.sent, chunk);
      if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.spool.length) {
        throw new Error(
          `the server has ${offset} bytes of output, but the step printed ${this.spool.length}`,
        );
      }
      // A server that takes nothing must not be called without a pause.
      if (offset <= this.sent) await sleep(PACE_MS);
      this.sent = offset;
      await this.pause(performance.now() - started, chunk.length);
    }
  }
}
