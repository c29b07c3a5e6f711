// The files that the agent puts into an environment before the first step: the in-job command and what it works with.
import { posix } from 'node:path';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { frontText } from '../in-job/front.js';
import { VERSION } from '../in-job/version.js';
import type { AgentPlaces } from './variables.js';

/** Writes all of them at once: with some executors each write is a call to an engine. */
export async function writeAgentFiles(environment: ExecutionEnvironment, places: AgentPlaces): Promise<void> {
  const inBase = (path: string) => posix.relative(places.base, path);
  // Anyone may write: the job's user need not be the one who makes them.
  const open = { directory: true, mode: 0o777 } as const;
  const front = frontText({ places, bell: environment.bell, version: VERSION });
  await environment.make(places.base, [
    { path: inBase(places.scratch), ...open },
    { path: inBase(places.tools), ...open },
    { path: inBase(places.calls), ...open },
    { path: inBase(places.taskData), ...open },
    { path: inBase(places.bashEnv), mode: 0o666, content: '' },
    { path: inBase(places.config), mode: 0o644, content: '{}\n' },
    { path: inBase(`${places.tools}/circleci-agent`), mode: 0o755, content: front },
    { path: inBase(`${places.tools}/circleci`), linkTo: 'circleci-agent' },
  ]);
}
