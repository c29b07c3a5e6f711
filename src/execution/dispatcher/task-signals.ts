// Wakes long polls of this process: somebody waits for work, or for a word about the task in hand.
import { Injectable } from '@nestjs/common';

@Injectable()
export class TaskSignals {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Resolves when `topic` is signalled, the signal is aborted, or after `ms` at the latest. */
  wait(topic: string, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        const set = this.waiting.get(topic);
        set?.delete(wake);
        if (set?.size === 0) this.waiting.delete(topic);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      if (signal?.aborted) return wake();
      signal?.addEventListener('abort', wake, { once: true });
      const set = this.waiting.get(topic) ?? new Set();
      this.waiting.set(topic, set.add(wake));
    });
  }

  notify(topic: string): void {
    [...(this.waiting.get(topic) ?? [])].forEach((wake) => wake());
  }
}

/** The topic on which agents wait for queued tasks. */
export const QUEUED = 'queued';
