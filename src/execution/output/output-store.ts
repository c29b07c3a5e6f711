// The server's side of step output: an append-only byte stream per step, in segments in the blob store with an index.
//
// A segment's blob is written first, then its row in the index decides whether it counts. The key of a blob has a random
// part: two servers that take the same bytes at the same time must not overwrite each other's blob, of which the index
// knows only one. Blobs that lost are deleted; those left by a crash go with the task's prefix.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { ConflictError, InvalidInputError } from '../../platform/errors/errors.js';
import { isUuid } from '../../platform/ids/ids.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import type { OutputIndex, OutputSegment } from './output-index.port.js';
import { readOutput } from './read-output.js';

/** Bytes were sent that start behind what is there: send on from `expected`. */
export class OutputGapError extends ConflictError {
  constructor(
    readonly expected: number,
    offset: number,
  ) {
    super('OUTPUT.GAP', `Output at offset ${offset} leaves a gap: ${expected} bytes are there.`);
  }
}

/** `length`: bytes of the step's output after the append. */
export type AppendListener = (taskId: string, step: number, length: number) => void;

const SEALED_BYTES = 4 * 1024 * 1024;
const MAX_CONTENDED_TRIES = 50;
const REMEMBERED_STEPS = 10_000;

export class OutputStore {
  /** The appends of one step in this process run one behind the other. */
  private readonly lanes = new Map<string, Promise<unknown>>();
  /** Lengths known so far: never more than the true ones, as output only grows. */
  private readonly known = new Map<string, number>();
  private readonly listeners = new Set<AppendListener>();

  constructor(
    private readonly blobs: BlobStore,
    private readonly index: OutputIndex,
  ) {}

  /**
   * Adds bytes of a step's output that start at `offset`. Idempotent: what is there already is skipped.
   * @returns the length of the output afterwards, in bytes: where to send on from
   * @throws OutputGapError when `offset` is behind the end
   */
  async append(taskId: string, step: number, offset: number, bytes: Buffer): Promise<{ offset: number }> {
    const name = nameOf(taskId, step);
    checkOffset(offset);
    const lane = (this.lanes.get(name) ?? Promise.resolve()).then(() =>
      this.appendNow(name, taskId, step, offset, bytes),
    );
    const settled = lane
      .catch(() => undefined)
      .finally(() => {
        if (this.lanes.get(name) === settled) this.lanes.delete(name);
      });
    this.lanes.set(name, settled);
    return { offset: await lane };
  }

  /** Bytes of a step's output; 0 when there is none. */
  async length(taskId: string, step: number): Promise<number> {
    nameOf(taskId, step);
    return this.index.end(taskId, step);
  }

  /**
   * Output from `start` up to before `end` (default: what is there now); bounds behind the end are cut.
   * Destroy the stream when it is not read to its end.
   */
  async read(taskId: string, step: number, start = 0, end?: number): Promise<Readable> {
    checkOffset(start);
    const length = await this.length(taskId, step);
    const stop = Math.min(end ?? length, length);
    return Readable.from(
      readOutput(this.blobs, (from) => this.index.segments(taskId, step, from), start, stop),
      {
        objectMode: false,
      },
    );
  }

  /**
   * Merges adjacent small segments into ones of 4 MiB or more. Reads and appends go on meanwhile; safe to repeat and to
   * run in two processes. Takes as long as copying the output: call it where nobody waits.
   */
  async seal(taskId: string, step: number): Promise<void> {
    const name = nameOf(taskId, step);
    let group: OutputSegment[] = [];
    let size = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 1) await this.merge(name, taskId, step, group);
      group = [];
      size = 0;
    };
    let from = 0;
    for (;;) {
      const page = await this.index.segments(taskId, step, from);
      if (page.length === 0) break;
      for (const segment of page) {
        if (segment.length >= SEALED_BYTES) await flush();
        else {
          group.push(segment);
          size += segment.length;
          if (size >= SEALED_BYTES) await flush();
        }
        from = segment.start + segment.length;
      }
    }
    await flush();
    this.known.delete(name);
  }

  /** Calls the listener after each append of this process. Returns what ends it. */
  onAppend(listener: AppendListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async appendNow(
    name: string,
    taskId: string,
    step: number,
    offset: number,
    bytes: Buffer,
  ): Promise<number> {
    for (let attempt = 0; attempt < MAX_CONTENDED_TRIES; attempt++) {
      let length = this.known.get(name);
      // What this process remembers may be behind what another one has added.
      if (length === undefined || length < offset || attempt > 0) {
        length = await this.index.end(taskId, step);
        this.remember(name, length);
      }
      if (offset > length) throw new OutputGapError(length, offset);
      const fresh = bytes.subarray(Math.min(length - offset, bytes.length));
      // A sender may have been told a greater length by another server and have let go of what is before it.
      if (fresh.length === 0) return this.index.end(taskId, step);
      const blobKey = keyOf(name, length);
      await this.blobs.put(blobKey, fresh);
      if (await this.index.add(taskId, step, { start: length, length: fresh.length, blobKey })) {
        this.remember(name, length + fresh.length);
        this.notify(taskId, step, length + fresh.length);
        return length + fresh.length;
      }
      await this.blobs.delete(blobKey);
    }
    throw new ConflictError(
      'OUTPUT.CONTENDED',
      `Step ${step} of task ${taskId}: others keep appending to its output.`,
    );
  }

  private async merge(name: string, taskId: string, step: number, group: OutputSegment[]): Promise<void> {
    const start = group[0]!.start;
    const end = group.at(-1)!.start + group.at(-1)!.length;
    const merged = { start, length: end - start, blobKey: keyOf(name, start) };
    const whole = readOutput(this.blobs, (from) => this.index.segments(taskId, step, from), start, end);
    await this.blobs.put(merged.blobKey, Readable.from(whole, { objectMode: false }));
    const replaced = await this.index.replace(taskId, step, group, merged);
    const unused = replaced ? group : [merged];
    for (const segment of unused) await this.blobs.delete(segment.blobKey);
  }

  private remember(name: string, length: number): void {
    this.known.delete(name);
    this.known.set(name, length);
    if (this.known.size > REMEMBERED_STEPS) this.known.delete(this.known.keys().next().value!);
  }

  private notify(taskId: string, step: number, length: number): void {
    for (const listener of this.listeners) {
      try {
        listener(taskId, step, length);
      } catch {
        // The bytes are stored: the fault of a listener is not one of the sender.
      }
    }
  }
}

function nameOf(taskId: string, step: number): string {
  if (!isUuid(taskId)) throw new InvalidInputError('OUTPUT.TASK_INVALID', 'The task id is not a UUID.');
  if (!Number.isInteger(step) || step < 0 || step > 1_000_000) {
    throw new InvalidInputError('OUTPUT.STEP_INVALID', `Step ${step}: expected a whole number from 0.`);
  }
  return `${taskId.toLowerCase()}/${step}`;
}

function checkOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new InvalidInputError(
      'OUTPUT.OFFSET_INVALID',
      `Offset ${offset}: expected a whole number of bytes from 0.`,
    );
  }
}

function keyOf(name: string, start: number): string {
  return `output/${name}/${String(start).padStart(16, '0')}-${randomBytes(6).toString('hex')}`;
}
