// The files that the agent puts into an environment before the first step: the in-job command and what it works with.
import tar from 'tar-stream';
import type { Readable } from 'node:stream';
import { posix } from 'node:path';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import type { AgentPlaces } from './variables.js';

/** `circleci-agent`, also as `circleci`: POSIX sh, since an image has nothing else for sure (AGENT ). */
const AGENT_COMMAND = `#!/bin/sh
case "$1 $2" in
  'step halt' | 'task halt')
    : >"\${ROTUNDA_HALT_FILE:?$0 must be called inside a job}"
    exit 0
    ;;
esac
echo "$0: unknown command: $*" >&2
exit 1
`;

/** Writes all of them at once: with some executors each write is a call to an engine. */
export async function writeAgentFiles(environment: ExecutionEnvironment, places: AgentPlaces): Promise<void> {
  const inBase = (path: string) => posix.relative(places.base, path);
  const pack = tar.pack();
  // Anyone may write: the job's user need not be the one who unpacks.
  for (const directory of [places.scratch, places.tools, places.taskData]) {
    pack.entry({ name: `${inBase(directory)}/`, type: 'directory', mode: 0o777 });
  }
  pack.entry({ name: inBase(places.bashEnv), mode: 0o666 }, '');
  pack.entry({ name: inBase(places.config), mode: 0o644 }, '{}\n');
  pack.entry({ name: inBase(`${places.tools}/circleci-agent`), mode: 0o755 }, AGENT_COMMAND);
  pack.entry({ name: inBase(`${places.tools}/circleci`), type: 'symlink', linkname: 'circleci-agent' });
  pack.finalize();
  await environment.unpack(places.base, pack as unknown as Readable);
}
