// Finds and signals all processes of one command inside a container: the engine can only start processes, not end them.
import type Docker from 'dockerode';
import { call, isStopped } from './engine.js';
import { capture, RUN_MARK } from './script-run.js';

/**
 * Without "list" as $2: signals ($2) every process that has the mark ($1) in its environment or is in $3,
 * shares a session with such a one, or descends from one; prints how many live. With "list": prints the
 * marked ones. Marks alone miss `env -i`, descent alone misses daemons, so both are used. Plain shell: `grep`
 * is used when it is there; otherwise environments are read byte by byte.
 */
const SCRIPT = `
mark="$1"; signal="$2"; set=" $3 "; sids=' '; all=''
has_mark() {
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in *"$mark"*) return 0 ;; esac
  done < "/proc/$1/environ"
  return 1
}
if command -v grep >/dev/null 2>&1; then
  for file in $(grep -lF -e "$mark" /proc/[0-9]*/environ 2>/dev/null); do
    pid="\${file#/proc/}"; set="$set\${pid%/environ} "
  done
else
  for dir in /proc/[0-9]*; do
    if has_mark "\${dir#/proc/}" 2>/dev/null; then set="$set\${dir#/proc/} "; fi
  done
fi
if [ "$signal" = list ]; then echo "$set"; exit 0; fi
for dir in /proc/[0-9]*; do
  { IFS= read -r stat < "$dir/stat"; } 2>/dev/null || continue
  pid="\${dir#/proc/}"
  set -- \${stat##*) }
  case "$1" in Z|X) continue ;; esac
  all="$all $pid:$2:$4"
  case "$set" in *" $pid "*) [ "$4" -gt 1 ] && sids="$sids$4 " ;; esac
done
again=1
while [ "$again" = 1 ]; do
  again=0
  for entry in $all; do
    pid="\${entry%%:*}"; rest="\${entry#*:}"; parent="\${rest%%:*}"; sid="\${rest#*:}"
    [ "$pid" -gt 1 ] || continue
    case "$set" in *" $pid "*) continue ;; esac
    case "$set" in *" $parent "*) set="$set$pid "; again=1; continue ;; esac
    case "$sids" in *" $sid "*) set="$set$pid "; again=1 ;; esac
  done
done
count=0
for entry in $all; do
  pid="\${entry%%:*}"
  case "$set" in *" $pid "*) ;; *) continue ;; esac
  count=$((count + 1))
  [ "$signal" = 0 ] || kill -s "$signal" "$pid" 2>/dev/null
done
echo "$count"
`;

export interface Tree {
  container: Docker.Container;
  /** The value of the mark. */
  runId: string;
  /** Who runs it; undefined is the container's own user. */
  user: string | undefined;
}

/**
 * Ends all processes of a command: TERM, and KILL after `graceMs`. Resolves when none is left. When even KILL
 * does not help for 10 s, or the processes cannot be looked at, the whole container is killed.
 */
export async function killTree(tree: Tree, graceMs: number): Promise<void> {
  const graceEnd = performance.now() + graceMs;
  try {
    let living = await signalTree(tree, graceMs > 0 ? 'TERM' : 'KILL');
    while (living > 0) {
      const left = graceEnd - performance.now();
      if (left < -10_000) return await killContainer(tree.container);
      await new Promise((resolve) => setTimeout(resolve, Math.min(100, Math.max(10, left))));
      living = await signalTree(tree, performance.now() < graceEnd ? '0' : 'KILL');
    }
  } catch (error) {
    if (!isStopped(error)) await killContainer(tree.container);
  }
}

/** Sends the signal (`0` sends none) and gives the number of processes that lived before it. */
async function signalTree(tree: Tree, signal: string): Promise<number> {
  // The container's root may not look into the environment of other users' processes (it has not CAP_SYS_PTRACE, and
  // not every engine allows privileged processes), so their user looks and root signals.
  const marked = tree.user === '0' ? '' : await runKill(tree, tree.user, 'list', '');
  const answer = await runKill(tree, '0', signal, marked);
  const count = Number.parseInt(answer, 10);
  if (Number.isNaN(count)) throw new Error(`cannot list the processes: ${answer}`);
  return count;
}

async function runKill(
  { container, runId }: Tree,
  user: string | undefined,
  ...args: string[]
): Promise<string> {
  const result = await capture(
    container,
    { script: SCRIPT, args: [`${RUN_MARK}=${runId}`, ...args], user },
    { timeoutMs: 10_000, environment: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' } },
  );
  const answer = result.stdout.trim();
  if (result.code === 0) return answer;
  throw new Error(`${answer} ${result.stderr} (${result.code})`);
}

async function killContainer(container: Docker.Container): Promise<void> {
  try {
    await call('kill container', (abortSignal) => container.kill({ abortSignal }));
  } catch (error) {
    if (!isStopped(error)) throw error;
  }
}
