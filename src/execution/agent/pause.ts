// A wait that can be cut short. Timers with an AbortSignal can be that too, but each cut makes an error with its stack,
// and a task has many.

export class Pause {
  private over: () => void = () => undefined;

  /** Waits so long, or until the next hurry(). One at a time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.over = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait, if there is one. */
  hurry(): void {
    this.over();
  }
}
