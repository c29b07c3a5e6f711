// Notices when a container ends, and why.
import type Docker from 'dockerode';
import { call, isStopped, reasonOf } from './engine.js';
import { FrameReader } from './frames.js';

/**
 * Resolves with a sentence when the container has ended or the engine cannot be asked any more. Waits without
 * a limit in time: it lasts as long as the container. When `signal` is aborted it resolves with `stopped`,
 * which means nothing.
 */
export async function untilEnd(
  container: Docker.Container,
  image: string,
  signal: AbortSignal,
): Promise<string> {
  for (let failures = 0; ;) {
    try {
      await container.wait({ condition: 'not-running', abortSignal: signal });
      return await causeOf(container, image);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (isStopped(error)) return `The container of ${image} was removed.`;
      failures++;
      if (failures > 5) return `The Docker engine cannot be reached any more: ${reasonOf(error)}`;
      await new Promise((resolve) => setTimeout(resolve, 500 * failures));
    }
  }
}

async function causeOf(container: Docker.Container, image: string): Promise<string> {
  const { State } = await call('inspect container', (abortSignal) => container.inspect({ abortSignal }));
  if (State.OOMKilled) return `The container of ${image} ran out of memory (OOMKilled) and was ended.`;
  return `The container of ${image} ended with code ${State.ExitCode}.`;
}

/** The last lines that a container printed, as text. */
export async function lastLines(container: Docker.Container, lines: number): Promise<string> {
  const raw = (await call('read logs', (abortSignal) =>
    container.logs({ stdout: true, stderr: true, tail: lines, follow: false, abortSignal }),
  )) as unknown as Buffer;
  return [...new FrameReader().read(Buffer.from(raw))].map((frame) => frame.data.toString()).join('');
}
