// Processes in a running container, through the engine's exec calls.
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { call, isStopped, type CallOptions } from './engine.js';
import { FrameReader } from './frames.js';

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

/** Starts a process. Ends with the engine's error when the container does not run or the user is not known there. */
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
  const stream = await call('start exec', () => exec.start({ hijack: true, stdin: request.stdin ?? false }), options);
  stream.on('error', () => undefined);
  return { exec, stream };
}

/**
 * The command line of a script. It tells its exit code on stderr, after everything else: the engine itself may take
 * three seconds to tell one, when an earlier command has left processes behind that hold its output.
 */
export function scriptArgv(script: string, args: string[]): string[] {
  return ['/bin/sh', '-c', `(${script}\n)\necho "X $?" >&2`, 'rotunda', ...args];
}

/** The exit code and the real stderr of a script. */
export async function endOfScript(exec: Docker.Exec, stderr: string): Promise<{ code: number; stderr: string }> {
  const told = /(?:^|\n)X (\d+)\n?$/.exec(stderr);
  if (told) return { code: Number(told[1]), stderr: stderr.slice(0, told.index).trim() };
  return { code: await exitCodeOf(exec), stderr: stderr.trim() };
}

export interface Captured {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Runs a short script to its end and keeps its output (at most 256 MB). `timeoutMs` is 60,000 by default. */
export async function capture(
  container: Docker.Container,
  script: string,
  args: string[],
  request: Pick<ExecRequest, 'user' | 'environment'>,
  options: CallOptions = {},
): Promise<Captured> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const argv = scriptArgv(script, args);
  const { exec, stream } = await openExec(container, { ...request, argv }, { signal: options.signal });
  try {
    const [stdout, stderr] = await call('wait for exec', () => collect(stream), { ...options, timeoutMs });
    return { stdout, ...(await endOfScript(exec, stderr)) };
  } finally {
    stream.destroy();
  }
}

const MAX_CAPTURE = 256 * 1024 * 1024;

/** Reads a multiplexed stream to its end: stdout and stderr. */
export async function collect(stream: Duplex): Promise<[Buffer, string]> {
  const frames = new FrameReader();
  const parts: [Buffer[], Buffer[]] = [[], []];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_CAPTURE) throw new Error('the command prints more than 256 MB');
    for (const frame of frames.read(chunk)) parts[frame.stream === 2 ? 1 : 0].push(frame.data);
  }
  return [Buffer.concat(parts[0]), Buffer.concat(parts[1]).toString()];
}

/**
 * The exit code of a process whose output has ended. The engine may need a moment to notice the end. 137 when the
 * container has gone with the process.
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
