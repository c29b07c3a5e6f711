// Which segments make up the output of a step, in order, and where their bytes are.

/** `start`: offset of the first byte in the step's output. `length`: bytes, at least 1. */
export type OutputSegment = { start: number; length: number } & Place;

/** In a blob; or, when they are few, in the index itself. */
export type Place = { blobKey: string; content?: undefined } | { content: Buffer; blobKey?: undefined };

/** Adapters are checked by output-index.contract.ts. Each call is atomic on its own; callers may be other processes. */
export interface OutputIndex {
  /** Segments that have bytes at or behind `from` (default 0), by start, at most 1,000 of them. */
  segments(taskId: string, step: number, from?: number): Promise<OutputSegment[]>;
  /** Bytes of output so far: where the next segment starts. */
  end(taskId: string, step: number): Promise<number>;
  /** Steps of a task, in order, that have more than `count` segments of less than `length` bytes. */
  scattered(taskId: string, length: number, count: number): Promise<number[]>;
  /**
   * Adds segments of steps of one task, at most one of each step. For each: false, and nothing changed, unless it starts
   * where the step's output ends.
   */
  add(taskId: string, segments: { step: number; segment: OutputSegment }[]): Promise<boolean[]>;
  /**
   * Puts one segment in the place of adjacent ones (given in order, as they were found). False, and nothing changed,
   * when one of them is not there any more.
   */
  replace(taskId: string, step: number, old: OutputSegment[], merged: OutputSegment): Promise<boolean>;
}
