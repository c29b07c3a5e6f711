// The server's side of step output: an append-only byte stream per step, in segments in the blob store with an index.
//
// A segment's blob is written first, then its row in the index decides whether it counts. The key of a blob has a random
// part: two servers that take the same bytes at the same time must not overwrite each other's blob, of which the index
// knows only one. Blobs that lost are deleted; those left by a crash go with the task's prefix. A few bytes, which is
// what most steps print and what comes line by line, are kept in the index itself: a blob for them would cost ten file
// operations, or an object of a store over the network.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { ConflictError, InvalidInputError } from '../../platform/errors/errors.js';
import { isUuid } from '../../platform/ids/ids.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import type { OutputIndex, OutputSegment, Place } from './output-index.port.js';
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

/** Bytes of a step's output that start at `offset`. */
export interface OutputPiece {
  step: number;
  offset: number;
  bytes: Buffer;
}

/** `length`: bytes of the step's output after the append. */
export type AppendListener = (taskId: string, step: number, length: number) => void;

/** A page of the index has a thousand segments: with more bytes each it would be large. */
const FEW_BYTES = 4 * 1024;
const SEALED_BYTES = 4 * 1024 * 1024;
/** So many segments that are smaller than that may stay: merging a few costs more than it saves. */
const FEW_SEGMENTS = 16;
const MAX_CONTENDED_TRIES = 50;
const REMEMBERED_STEPS = 10_000;

export class OutputStore {
  /** The appends of one step in this process run one behind the other. */
  private readonly lanes = new Map<string, Promise<unknown>>();
  /** Lengths known so far: never more than the true ones, as output only grows. */
  private readonly known = new Map<string, number>();
  private readonly listeners = new Set<AppendListener>();

  /** @param fewBytes up to so many bytes of one piece are kept in the index */
  constructor(
    private readonly blobs: BlobStore,
    private readonly index: OutputIndex,
    private readonly fewBytes = FEW_BYTES,
  ) {}

  /**
   * Adds bytes of a step's output that start at `offset`. Idempotent: what is there already is skipped.
   * @returns the length of the output afterwards, in bytes: where to send on from
   * @throws OutputGapError when `offset` is behind the end
   */
  async append(taskId: string, step: number, offset: number, bytes: Buffer): Promise<{ offset: number }> {
    const [length] = await this.appendAll(taskId, [{ step, offset, bytes }]);
    if (length! < offset) throw new OutputGapError(length!, offset);
    return { offset: length! };
  }

  /**
   * Adds output of several steps of a task, at most one piece of each; otherwise like append().
   * @returns for each piece the length of its step's output afterwards: less than its offset where it would leave a gap
   */
  async appendAll(taskId: string, pieces: OutputPiece[]): Promise<number[]> {
    const names = pieces.map(({ step, offset }) => {
      checkOffset(offset);
      return nameOf(taskId, step);
    });
    return this.inLanes(names, () =>
      this.appendNow(
        taskId,
        pieces.map((piece, i) => ({ ...piece, name: names[i]! })),
      ),
    );
  }

  /** Runs it once what runs for these steps has ended, and before what comes later. */
  private inLanes<T>(names: string[], append: () => Promise<T>): Promise<T> {
    const work = Promise.all(names.map((name) => this.lanes.get(name))).then(append);
    const settled = work
      .catch(() => undefined)
      .finally(() => {
        for (const name of names) if (this.lanes.get(name) === settled) this.lanes.delete(name);
      });
    for (const name of names) this.lanes.set(name, settled);
    return work;
  }

  /**
   * Adds a file of this machine, in the form of a blob, as the bytes of a step's output from `offset` on. Nothing of it is
   * added when the output does not end there.
   * @returns the length of the output afterwards, in bytes
   * @throws InvalidInputError when the file or the blob store does not allow it
   */
  async appendFile(taskId: string, step: number, offset: number, path: string): Promise<{ offset: number }> {
    checkOffset(offset);
    const name = nameOf(taskId, step);
    return this.inLanes([name], async () => {
      const known = this.known.get(name) ?? (await this.index.end(taskId, step));
      if (known !== offset) return { offset: await this.index.end(taskId, step) };
      const blobKey = keyOf(name, offset);
      if (this.blobs.adopt === undefined)
        throw new InvalidInputError('BLOB.NOT_ADOPTABLE', 'The blobs are not on a disk of this machine.');
      const { size } = await this.blobs.adopt(blobKey, path);
      const [added] =
        size > 0
          ? await this.index.add(taskId, [{ step, segment: { start: offset, length: size, blobKey } }])
          : [];
      if (!added) await this.blobs.delete(blobKey);
      const length = added ? offset + size : await this.index.end(taskId, step);
      this.remember(name, length);
      if (added) this.notify(taskId, step, length);
      return { offset: length };
    });
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

  /** Steps of a task whose output is in many small segments: worth to be sealed. */
  async scattered(taskId: string): Promise<number[]> {
    nameOf(taskId, 0);
    return this.index.scattered(taskId, SEALED_BYTES, FEW_SEGMENTS);
  }

  /**
   * Merges adjacent small segments into ones of 4 MiB or more. Reads and appends go on meanwhile; safe to repeat, to run
   * in two processes and to be killed. Takes as long as copying the output: call it where nobody waits. An aborted
   * signal ends it between two merges, with the signal's reason as error.
   */
  async seal(taskId: string, step: number, signal?: AbortSignal): Promise<void> {
    const name = nameOf(taskId, step);
    let group: OutputSegment[] = [];
    let size = 0;
    const flush = async (): Promise<void> => {
      signal?.throwIfAborted();
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

  private async appendNow(taskId: string, pieces: NamedPiece[]): Promise<number[]> {
    const lengths = new Map<string, number>();
    let left = pieces;
    for (let attempt = 0; left.length > 0 && attempt < MAX_CONTENDED_TRIES; attempt++) {
      // Of a step that this process does not know the sender is believed; the index knows better, and is asked then.
      if (attempt > 0) for (const piece of left) await this.askLength(taskId, piece);
      const due = await this.due(taskId, left, lengths);
      const added = await this.add(taskId, due);
      for (const [i, { piece, start, fresh }] of due.entries()) {
        if (!added[i]) continue;
        lengths.set(piece.name, start + fresh.length);
        this.remember(piece.name, start + fresh.length);
        this.notify(taskId, piece.step, start + fresh.length);
      }
      left = due.filter((_, i) => !added[i]).map(({ piece }) => piece);
    }
    const [contended] = left;
    if (contended) {
      throw new ConflictError(
        'OUTPUT.CONTENDED',
        `Step ${contended.step} of task ${taskId}: others keep appending to its output.`,
      );
    }
    return pieces.map(({ name }) => lengths.get(name)!);
  }

  /** What of the pieces is to be added; the lengths of outputs to which nothing of them is go into `lengths`. */
  private async due(taskId: string, pieces: NamedPiece[], lengths: Map<string, number>): Promise<Due[]> {
    const due: Due[] = [];
    for (const piece of pieces) {
      const { name, step, offset, bytes } = piece;
      let start = this.known.get(name) ?? offset;
      // What this process remembers may be behind what another one has added.
      if (start < offset) start = await this.askLength(taskId, piece);
      const fresh = bytes.subarray(Math.min(Math.max(0, start - offset), bytes.length));
      if (start >= offset && fresh.length > 0) due.push({ piece, start, fresh });
      // A sender may have been told a greater length by another server and have let go of what is before it.
      else lengths.set(name, await this.index.end(taskId, step));
    }
    return due;
  }

  private async askLength(taskId: string, { name, step }: NamedPiece): Promise<number> {
    const length = await this.index.end(taskId, step);
    this.remember(name, length);
    return length;
  }

  private async add(taskId: string, due: Due[]): Promise<boolean[]> {
    if (due.length === 0) return [];
    const segments = await Promise.all(
      due.map(async ({ piece, start, fresh }) => {
        const segment = { start, length: fresh.length };
        if (fresh.length <= this.fewBytes)
          return { step: piece.step, segment: { ...segment, content: fresh } };
        const blobKey = keyOf(piece.name, start);
        await this.blobs.put(blobKey, fresh);
        return { step: piece.step, segment: { ...segment, blobKey } };
      }),
    );
    const added = await this.index.add(taskId, segments);
    for (const [i, { segment }] of segments.entries()) {
      if (!added[i] && 'blobKey' in segment) await this.blobs.delete(segment.blobKey);
    }
    return added;
  }

  private async merge(name: string, taskId: string, step: number, group: OutputSegment[]): Promise<void> {
    const start = group[0]!.start;
    const end = group.at(-1)!.start + group.at(-1)!.length;
    const whole = Readable.from(
      readOutput(this.blobs, (from) => this.index.segments(taskId, step, from), start, end),
      { objectMode: false },
    );
    const merged: OutputSegment = {
      start,
      length: end - start,
      ...(await this.place(name, start, end, whole)),
    };
    const replaced = await this.index.replace(taskId, step, group, merged);
    const unused = replaced ? group : [merged];
    for (const { blobKey } of unused) if (blobKey !== undefined) await this.blobs.delete(blobKey);
  }

  /** Puts merged output where an append of as many bytes would have put it. */
  private async place(name: string, start: number, end: number, whole: Readable): Promise<Place> {
    if (end - start <= this.fewBytes) return { content: await buffer(whole) };
    const blobKey = keyOf(name, start);
    await this.blobs.put(blobKey, whole);
    return { blobKey };
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

interface NamedPiece extends OutputPiece {
  name: string;
}

/** A piece, and what of it is added where. */
interface Due {
  piece: NamedPiece;
  start: number;
  fresh: Buffer;
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
