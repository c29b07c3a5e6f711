// Small shell scripts that look around in a job's environment for the in-job command, with the rights of the job's user.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { MOST_CALL_BYTES } from './call.js';

const LIMIT_MS = 90_000;

/** What stands below $1, as ./path with a NUL after each; at most $2 levels of it when given. Links are followed. */
export const LIST_BELOW = `
cd "$1" 2>/dev/null || exit 0
if command -v find >/dev/null 2>&1; then
  find -L . -mindepth 1 \${2:+-maxdepth "$2"} -print0 2>/dev/null
  exit 0
fi
walk() {
  for path in "$1"* "$1".[!.]* "$1"..?*; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    printf '%s\\0' "$path"
    if [ -d "$path" ] && [ ! -L "$path" ] && [ "\${2:-2}" -gt 1 ]; then walk "$path/" "\${2:+$(($2 - 1))}"; fi
  done
}
walk ./ "\${2:-}"
exit 0`;

/** `<bytes> <name>` of each file that is named in the file $1, with a NUL after each name; a line for each. */
export const FILE_SIZES = `
if command -v xargs >/dev/null 2>&1 && stat -L -c %s / >/dev/null 2>&1; then
  xargs -0 stat -L -c '%s %n' -- <"$1" 2>/dev/null
  exit 0
fi
tr '\\0' '\\n' <"$1" | while IFS= read -r name; do
  [ ! -f "$name" ] || echo "$(($(wc -c <"$name"))) $name"
done
exit 0`;

/** Runs one of these; its output. Throws when it does not end well, takes more than 90 s, or says too much. */
export async function scriptOutput(
  environment: ExecutionEnvironment,
  script: string,
  args: string[],
  cwd: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const command = await environment.start({
    argv: ['/bin/sh', '-c', script, 'circleci', ...args],
    environment: {},
    cwd,
    onOutput: (chunk) => {
      size += chunk.length;
      if (size <= MOST_CALL_BYTES) chunks.push(Buffer.from(chunk));
    },
  });
  const timer = new AbortController();
  const late = sleep(LIMIT_MS, 'late' as const, { signal: timer.signal, ref: false });
  late.catch(() => undefined);
  const end = await Promise.race([command.exit, late]).finally(() => timer.abort());
  if (end === 'late') {
    await command.kill(0).catch(() => undefined);
    throw new Error(`looking at the files of the job took more than ${LIMIT_MS / 1000} s`);
  }
  if (size > MOST_CALL_BYTES) throw new Error('the list of files is too long');
  const output = Buffer.concat(chunks).toString();
  if (end.code !== 0) throw new Error(output.trim() || `looking at files ended with code ${end.code}`);
  return output;
}
