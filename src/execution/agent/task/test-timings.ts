// Gives a parallel job the times of an earlier run's tests (AGENT ).
import { messageOf } from '../../../platform/errors/errors.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { RefusedError } from '../server/retry.js';
import type { TaskApi } from '../server/server-api.js';
import type { AgentPlaces } from './variables.js';

const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Writes results.json where the in-job command and other programs look for it; nothing when there is no such run.
 * @param log hears why there are no times when there should be: the job goes on without
 */
export async function placeTestTimings(
  api: TaskApi,
  environment: ExecutionEnvironment,
  places: AgentPlaces,
  log: (text: string) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    const found = await api.testTimings(async ({ body }) => {
      chunks.length = 0;
      let size = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MOST_BYTES) throw new RefusedError(413, 'they are too many');
        chunks.push(chunk);
      }
    });
    if (!found) return;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return log(`No test timings: ${messageOf(error)}\n`);
  }
  const path = `${places.taskData}/circle-test-results/results.json`;
  await environment.writeFile(path, Buffer.concat(chunks), 0o644);
}
