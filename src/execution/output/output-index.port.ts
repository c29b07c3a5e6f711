// Which segment blobs make up the output of a step, in order.

export interface OutputSegment {
  /** Offset of the first byte in the step's output. */
  start: number;
  /** Bytes, at least 1. */
  length: number;
  blobKey: string;
}

/** Adapters are checked by output-index.contract.ts. Each call is atomic on its own; callers may be other processes. */
export interface OutputIndex {
  /** Segments that have bytes at or behind `from` (default 0), by start, at most 1,000 of them. */
  segments(taskId: string, step: number, from?: number): Promise<OutputSegment[]>;
  /** Bytes of output so far: where the next segment starts. */
  end(taskId: string, step: number): Promise<number>;
  /** Adds a segment. False, and nothing changed, unless it starts where the output ends. */
  add(taskId: string, step: number, segment: OutputSegment): Promise<boolean>;
  /**
   * Puts one segment in the place of adjacent ones (given in order, all with their keys). False, and nothing changed,
   * when one of them is not there any more.
   */
  replace(taskId: string, step: number, old: OutputSegment[], merged: OutputSegment): Promise<boolean>;
}
