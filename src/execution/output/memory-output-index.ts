// The output index in memory: for tests of what stands on it, and for programs that keep nothing.
import type { OutputIndex, OutputSegment } from './output-index.port.js';

export class MemoryOutputIndex implements OutputIndex {
  private readonly steps = new Map<string, OutputSegment[]>();

  async segments(taskId: string, step: number, from = 0): Promise<OutputSegment[]> {
    return this.of(taskId, step)
      .filter((segment) => segment.start + segment.length > from)
      .slice(0, 1000);
  }

  async end(taskId: string, step: number): Promise<number> {
    const last = this.of(taskId, step).at(-1);
    return last ? last.start + last.length : 0;
  }

  async scattered(taskId: string, length: number, count: number): Promise<number[]> {
    return [...this.steps.entries()]
      .filter(([key]) => key.startsWith(`${taskId}/`))
      .filter(([, segments]) => segments.filter((segment) => segment.length < length).length > count)
      .map(([key]) => Number(key.slice(taskId.length + 1)))
      .sort((a, b) => a - b);
  }

  async add(taskId: string, segments: { step: number; segment: OutputSegment }[]): Promise<boolean[]> {
    return segments.map(({ step, segment }) => {
      const all = this.of(taskId, step);
      const last = all.at(-1);
      if (segment.start !== (last ? last.start + last.length : 0)) return false;
      all.push(segment);
      return true;
    });
  }

  async replace(taskId: string, step: number, old: OutputSegment[], merged: OutputSegment): Promise<boolean> {
    const all = this.of(taskId, step);
    const kept = all.filter((segment) => !old.some((each) => isSame(each, segment)));
    if (all.length - kept.length !== old.length) return false;
    this.steps.set(
      `${taskId}/${step}`,
      [...kept, merged].sort((a, b) => a.start - b.start),
    );
    return true;
  }

  private of(taskId: string, step: number): OutputSegment[] {
    const key = `${taskId}/${step}`;
    const all = this.steps.get(key) ?? [];
    this.steps.set(key, all);
    return all;
  }
}

function isSame(one: OutputSegment, other: OutputSegment): boolean {
  return one.start === other.start && one.length === other.length && one.blobKey === other.blobKey;
}
