// Ctrl-C and the like while something runs that must be cleaned up: further signals do not cut the clean-up short.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  /** Aborted at the first signal, or when nobody reads standard output any more. */
  signal: AbortSignal;
  release(): void;
}

export function interruption(): Interruption {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('interrupted'));
  for (const name of SIGNALS) process.on(name, stop);
  // `rotunda run | head`: without a reader there is nobody to run for. The listener stays, as writes go on.
  process.stdout.on('error', stop);
  return {
    signal: controller.signal,
    release: () => SIGNALS.forEach((name) => process.off(name, stop)),
  };
}
