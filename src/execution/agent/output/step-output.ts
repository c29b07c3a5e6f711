// The output of one step, from the process to the server: masked, kept, sent in order, sent again when need be.
//
// Little output is fetched by the task's courier, together with that of other steps (take, acknowledge). What has piled
// up beyond that goes in large calls of its own, made from here; never both at once.
import { LARGEST_OUTPUT_BYTES } from '../../protocol/index.js';
import { Pause } from '../pause.js';
import { Masker } from './masker.js';
import { Spool } from './spool.js';

/** From so many bytes on output is sent from here. */
const MUCH = 64 * 1024;
/** A server that takes nothing is not called again at once. */
const UNTAKEN_MS = 10;
/** A step that printed so lately, and a whole chunk of it, floods: what is sent meanwhile costs the step its processor. */
const FLOOD_MS = 20;
const LEAST_YIELDED_MS = 200;
const MOST_YIELDED_MS = 400;
/** So long a piece may take to fill up before what there is of it is sent as bytes. */
const FILLING_MS = 250;
const FILLING_TICK_MS = 20;
/** Nothing more comes soon when nothing came for so long. */
const FILLING_IDLE_MS = 100;

/** Sends bytes and resolves with the offset to go on from. Tries again by itself; throws only when there is no hope. */
export type SendOutput = (offset: number, chunk: Buffer) => Promise<{ offset: number }>;

/** Names a file that holds the bytes from the offset on; undefined when the server does not take such files. */
export type HandOver = (offset: number, path: string) => Promise<{ offset: number } | undefined>;

export interface StepOutputOptions {
  /** Of a file for what does not stay in memory. */
  spoolPath: string;
  secrets: string[];
  send: SendOutput;
  /** For an agent whose disk the server sees. */
  handOver?: HandOver;
  /** Called when there is something to take, and when the sending has ended. */
  onNews(): void;
}

export interface TakenPart {
  offset: number;
  bytes: Buffer;
}

export class StepOutput {
  private readonly masker: Masker;
  private readonly spool: Spool;
  private readonly pause = new Pause();
  private acknowledged = 0;
  private closed = false;
  private taken = false;
  private sending: Promise<void> | undefined;
  /** One for all large calls: a new one for each costs more than the reading (page faults, garbage collection). */
  private buffer: Buffer = Buffer.alloc(0);
  private handOver: HandOver | undefined;
  /** Why sending ended early. */
  failure: unknown;
  /** When the step last printed something, by `performance.now()`. */
  lastWrite = performance.now();

  constructor(private readonly options: StepOutputOptions) {
    this.masker = new Masker(options.secrets);
    this.handOver = options.handOver;
    this.spool = new Spool(options.spoolPath, () => this.moreToSend(), options.handOver !== undefined);
  }

  /** Takes output of the step; a promise asks to wait, also with changing the chunk. Never waits for the server. */
  write(chunk: Buffer): void | Promise<void> {
    this.lastWrite = performance.now();
    if (this.closed) return;
    return this.spool.append(this.masker.write(chunk));
  }

  /** A line of the agent's own. */
  log(text: string): void {
    // What ails the disk close() tells.
    this.write(Buffer.from(text))?.catch(() => undefined);
  }

  /** No more output comes. Resolves with the final length in bytes, once all can be sent. */
  async close(): Promise<number> {
    if (!this.closed) {
      this.closed = true;
      this.spool.append(this.masker.end())?.catch(() => undefined);
    }
    this.pause.hurry();
    await this.spool.flush();
    this.moreToSend();
    return this.spool.length;
  }

  /** No more output comes, and the server has all of it. */
  get complete(): boolean {
    return this.closed && this.acknowledged >= this.spool.length;
  }

  /** There is something for take(). */
  get ready(): boolean {
    return this.sending === undefined && !this.taken && this.unsent > 0;
  }

  /** Bytes for the courier to send, at most so many; then acknowledge() is to be called. */
  async take(most: number): Promise<TakenPart | undefined> {
    if (!this.ready) return undefined;
    this.taken = true;
    const offset = this.acknowledged;
    return { offset, bytes: await this.spool.read(offset, Buffer.allocUnsafe(Math.min(most, this.unsent))) };
  }

  /** True when this part is the rest of the output and no more comes. */
  isLast(part: TakenPart): boolean {
    return this.closed && part.offset + part.bytes.length >= this.spool.length;
  }

  /** The server has so many bytes: more than before when it took the part, or less when it lost some. */
  acknowledge(offset: number): void {
    this.taken = false;
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.spool.length) {
      throw new Error(`the server has ${offset} bytes of output, but the step printed ${this.spool.length}`);
    }
    this.acknowledged = offset;
    this.moreToSend();
  }

  /** Drops what is kept. Waits for a call under way. */
  async dispose(): Promise<void> {
    await this.sending;
    this.buffer = Buffer.alloc(0);
    await this.spool.remove();
  }

  private get unsent(): number {
    return this.spool.size - this.acknowledged;
  }

  private moreToSend(): void {
    if (this.sending !== undefined || this.taken || this.failure !== undefined) return;
    if (this.unsent < MUCH) return this.options.onNews();
    this.sending = this.sendMuch()
      .catch((error: unknown) => (this.failure = error))
      .then(() => {
        this.sending = undefined;
        if (this.failure === undefined) this.moreToSend();
        this.options.onNews();
      });
  }

  private async sendMuch(): Promise<void> {
    while (this.unsent >= MUCH || (this.closed && this.unsent > 0)) {
      const before = this.acknowledged;
      if (!(await this.sendFile(before))) await this.sendBytes(before);
      if (this.acknowledged <= before) await this.pause.wait(UNTAKEN_MS);
    }
  }

  /** Hands a whole piece over as a file. False when there is none that starts there, or the server takes none. */
  private async sendFile(before: number): Promise<boolean> {
    const piece = this.spool.piece(before);
    if (this.handOver === undefined || piece?.start !== before) return false;
    const started = performance.now();
    while (!piece.sealed && this.printed(FILLING_IDLE_MS) && performance.now() - started < FILLING_MS)
      await this.pause.wait(FILLING_TICK_MS);
    if (!piece.sealed) return false;
    const ack = await this.handOver(before, piece.path);
    if (ack === undefined) {
      this.handOver = undefined;
      return false;
    }
    this.acknowledge(ack.offset);
    return true;
  }

  private async sendBytes(before: number): Promise<void> {
    const started = performance.now();
    if (this.buffer.length < Math.min(this.unsent, LARGEST_OUTPUT_BYTES)) {
      this.buffer = Buffer.allocUnsafeSlow(this.unsent > 8 * MUCH ? LARGEST_OUTPUT_BYTES : 8 * MUCH);
    }
    const chunk = await this.spool.read(before, this.buffer);
    this.acknowledge((await this.options.send(before, chunk)).offset);
    const flood = chunk.length === LARGEST_OUTPUT_BYTES && this.printed(FLOOD_MS);
    // A flood leaves most of the machine to the step that prints it.
    if (flood) {
      const tookMs = performance.now() - started;
      await this.pause.wait(Math.max(LEAST_YIELDED_MS, Math.min(MOST_YIELDED_MS, tookMs * 4)));
    }
  }

  /** Whether the step printed something within so many ms, and may print more. */
  private printed(withinMs: number): boolean {
    return !this.closed && performance.now() - this.lastWrite < withinMs;
  }
}
