// Calls to the Docker Engine API: every one has a limit in time, and its errors become plain texts.
import Docker from 'dockerode';

export const CALL_MS = 30_000;

export interface CallOptions {
  /** Milliseconds; 30,000 by default. */
  timeoutMs?: number;
  /** Aborting it ends the wait at once. */
  signal?: AbortSignal;
}

/** An answer that did not come in time. */
export class EngineTimeoutError extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`the Docker engine did not answer within ${Math.round(timeoutMs / 1000)} s (${what})`);
    this.name = 'EngineTimeoutError';
  }
}

/** The wait was ended by its abort signal. */
export class EngineAbortError extends Error {
  constructor(what: string) {
    super(`stopped (${what})`);
    this.name = 'EngineAbortError';
  }
}

/**
 * Does one call. `run` gets a signal that ends the request; the promise settles at the time limit in any
 * case, since not every call of dockerode takes a signal. Throws EngineTimeoutError, EngineAbortError or what
 * the call throws.
 */
export function call<T>(
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const { timeoutMs = CALL_MS, signal } = options;
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (error: Error): void => {
      cleanUp();
      reject(error);
      controller.abort();
    };
    const onAbort = (): void => end(new EngineAbortError(what));
    const timer = setTimeout(() => end(new EngineTimeoutError(what, timeoutMs)), timeoutMs);
    const cleanUp = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    run(controller.signal).then(
      (value) => {
        cleanUp();
        resolve(value);
      },
      (error: unknown) => {
        cleanUp();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** The HTTP status of an error of the engine, when it has one. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The engine's own words for what went wrong: no HTTP code, no stack, one line. */
export function reasonOf(error: unknown): string {
  const json = (error as { json?: unknown } | null)?.json;
  const fromJson = (json as { message?: unknown } | null | undefined)?.message;
  const text =
    typeof fromJson === 'string' && fromJson !== ''
      ? fromJson
      : error instanceof Error
        ? error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '')
        : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

/** True when the engine says that the container, image or network is not there (any more). */
export function isGone(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** True when the container is not there or does not run any more. */
export function isStopped(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 409 || /is not running|No such exec/i.test(reasonOf(error));
}

/** A client for the engine at DOCKER_HOST or the usual socket. Throws when DOCKER_HOST cannot be read. */
export function connect(): Docker {
  return new Docker();
}

export interface EngineInfo {
  NCPU: number;
  /** Bytes. */
  MemTotal: number;
  InitBinary?: string;
}

/** Calls that take a signal though their types do not say so. */
interface Signaled {
  version(options: { abortSignal: AbortSignal }): Promise<Docker.DockerVersion>;
  info(options: { abortSignal: AbortSignal }): Promise<EngineInfo>;
}

export function engineVersion(docker: Docker, timeoutMs: number): Promise<Docker.DockerVersion> {
  return call('version', (abortSignal) => (docker as Signaled).version({ abortSignal }), { timeoutMs });
}

export function engineInfo(docker: Docker, options: CallOptions): Promise<EngineInfo> {
  return call('info', (abortSignal) => (docker as Signaled).info({ abortSignal }), options);
}
