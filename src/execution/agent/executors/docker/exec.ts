// Processes in a running container, through the engine's exec calls.
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { call, isStopped, type CallOptions } from './engine.js';

export interface ExecRequest {
  argv: string[];
  environment?: Record<string, string>;
  /** A user of the container as `name`, `uid` or `uid:gid`; the container's own when missing. */
  user?: string;
  stdin?: boolean;
}

export interface OpenExec {
  exec: Docker.Exec;
  /** The multiplexed output; when `stdin` was asked for, what is written goes to the process. */
  stream: Duplex;
}

/**
 * Starts a process. Ends with the engine's error when the container does not run or the user is not known
 * there.
 */
export async function openExec(
  container: Docker.Container,
  request: ExecRequest,
  options: CallOptions = {},
): Promise<OpenExec> {
  const exec = await call(
    'create exec',
    (abortSignal) =>
      container.exec({
        Cmd: request.argv,
        Env: Object.entries(request.environment ?? {}).map(([name, value]) => `${name}=${value}`),
        User: request.user,
        AttachStdin: request.stdin ?? false,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        abortSignal,
      }),
    options,
  );
  // No signal here: the engine's answer is the connection itself, and an abort would also cut a stream in use.
  const stream = await call(
    'start exec',
    () => exec.start({ hijack: true, stdin: request.stdin ?? false }),
    options,
  );
  stream.on('error', () => undefined);
  return { exec, stream };
}

/**
 * The exit code of a process whose output has ended. The engine may need a moment to notice the end. 137 when
 * the container has gone with the process.
 */
export async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      const state = await call('inspect exec', (abortSignal) => exec.inspect({ abortSignal }));
      if (!state.Running && state.ExitCode !== null) return state.ExitCode;
    } catch (error) {
      if (isStopped(error)) return 137;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20 + attempt * 10));
  }
  throw new Error('the connection to the running command was lost');
}
