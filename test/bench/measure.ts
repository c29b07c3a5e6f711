// What the benchmarks share: medians, memory, the smallest config.
import { readFile } from 'node:fs/promises';

export type Print = (name: string, text: string) => void;

export const ONE_JOB = (command: string): string =>
  `version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n      - run: ${JSON.stringify(command)}\nworkflows:\n  main:\n    jobs: [build]\n`;

/** Megabytes in all, shared pages counted once. */
export async function pss(pids: number[]): Promise<number> {
  let kilobytes = 0;
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return Math.round(kilobytes / 1024);
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
