// The `circleci` command as it stands in a job, also as `circleci-agent` (AGENT A-001, A-002).
//
// How it gets there was a choice between three ways:
//  - a program of its own, as the original has: it would be built for each kind of machine, shipped with each agent and sent
//    into each job (the plugin for `tests run` alone has 11 MB there);
//  - all of it in shell: that would have to do without awk, sort and find, since an image need not have them, and to read
//    100,000 entries of JSON;
//  - a front in POSIX sh that puts its call into a directory of the job, and the agent that does the work. This is it: the
//    same code serves every image with a /bin/sh, every executor and agents on any machine, and is tested as TypeScript.
// The front needs a shell and the smallest programs of an image (cat, mkdir, mv, rm, sleep). A call costs one word to the
// agent and some looks for the answer: waiting at a FIFO would need mkfifo and could hang for ever. `step halt`, `run` and
// `version` need no agent.
import type { AgentPlaces } from '../task/variables.js';

/** How often the front looks for an answer: every 20 ms, or every second where sleep knows no parts of it; two minutes. */
const LOOKS = 6000;
const LOOKS_PER_SECOND = 50;
/** What commands about tests need of their environment (AGENT A-042). */
const VARIABLES = ['CIRCLE_NODE_INDEX', 'CIRCLE_NODE_TOTAL', 'CIRCLE_INTERNAL_TASK_DATA'];

export interface FrontOptions {
  places: Pick<AgentPlaces, 'haltFile' | 'calls'>;
  /** The shell command by which the agent hears of the call `$entry` (ExecutionEnvironment.bell). */
  bell: string;
  version: string;
}

/**
 * The text of the command. Its variables begin with `r_`: the job's own ones must come through unchanged, both to `env subst`
 * and to the command of `tests run`.
 */
export function frontText({ places, bell, version }: FrontOptions): string {
  const calls = quoted(places.calls);
  return `#!/bin/sh
r_fail() {
  echo "Error: $1" >&2
  exit 1
}
[ "\${1:-}" != --verbose ] || shift
case "\${1:-} \${2:-}" in
  'step halt' | 'task halt')
    : >${quoted(places.haltFile)}
    exit
    ;;
  'version --short')
    echo ${quoted(version)}
    exit
    ;;
  'version '* | '--version '*)
    echo "\${0##*/} version "${quoted(version)}
    exit
    ;;
  'run ' | 'run -'*) ;;
  'run '*)
    command -v "circleci-$2" >/dev/null 2>&1 ||
      r_fail "plugin \\"$2\\" is not available: this server has none of this name, and there is no circleci-$2 in PATH"
    shift
    r_plugin="circleci-$1"
    shift
    exec "$r_plugin" "$@"
    ;;
esac

# Which input the call has: '-' is the standard one. What stands after a flag with a value is no file.
r_input=
case "\${1:-} \${2:-}" in
  'env subst') [ $# -gt 2 ] || r_input=- ;;
  'tests split' | 'tests run')
    r_input=-
    r_skip=yes
    r_place=0
    for r_word; do
      r_place=$((r_place + 1))
      if [ -n "$r_skip" ]; then
        [ "$r_place" -eq 1 ] || r_skip=
        continue
      fi
      case "$r_word" in
        --help | -h)
          r_input=
          break
          ;;
        --index | --total | --split-by | --timings-type | --time-default | --timings-file | --command) r_skip=yes ;;
        -*) ;;
        *) [ "$2" = run ] || r_input="$r_word" ;;
      esac
    done
    ;;
esac
case "$r_input" in
  '' | -) ;;
  *) [ -e "$r_input" ] || r_fail "open $r_input: no such file or directory" ;;
esac

r_count=0
until r_entry="$$-$r_count" && mkdir -m 777 ${calls}"/.$r_entry" 2>/dev/null; do
  r_count=$((r_count + 1))
  [ "$r_count" -le 100 ] || r_fail 'no call can be put to the agent of this job'
done
r_call=${calls}"/.$r_entry"
trap 'rm -rf "$r_call"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
( umask 077
  [ $# -eq 0 ] || printf '%s\\0' "$@" >"$r_call/args"
  printf '%s' "$PWD" >"$r_call/cwd"
  if [ "\${1:-} \${2:-}" = 'env subst' ]; then
    # Of all that a shell has, programs get the exported variables.
    { cat /proc/self/environ || env -0 || env | tr '\\n' '\\0'; } >"$r_call/env" 2>/dev/null
  else
    {
${VARIABLES.map((name) => `      [ -z "\${${name}+set}" ] || printf '%s\\0' "${name}=$${name}"`).join('\n')}
    } >"$r_call/env"
  fi
  case "$r_input" in
    '') ;;
    -) exec cat >"$r_call/input" ;;
    *) exec cat <"$r_input" >"$r_call/input" ;;
  esac
) || r_fail 'the call cannot be written'

mv "$r_call" ${calls}"/$r_entry" || r_fail 'no call can be put to the agent of this job'
r_call=${calls}"/$r_entry"
( entry="$r_entry"
  ${bell} ) 2>/dev/null || r_fail 'the agent of this job does not hear this process'
r_looks=0
until [ -s "$r_call/code" ]; do
  r_looks=$((r_looks + 1))
  [ "$r_looks" -le ${LOOKS} ] || r_fail 'the agent of this job does not answer'
  sleep 0.02 2>/dev/null || { sleep 1; r_looks=$((r_looks + ${LOOKS_PER_SECOND - 1})); }
done
if [ -s "$r_call/err" ]; then cat "$r_call/err" >&2; fi
if [ -s "$r_call/out" ]; then cat "$r_call/out" || exit; fi
read -r r_code <"$r_call/code"
if [ -f "$r_call/command" ]; then
  r_command="$(cat "$r_call/command")"
  exec <"$r_call/items"
  rm -rf "$r_call"
  trap - EXIT INT TERM
  r_shell=/bin/bash
  [ -x "$r_shell" ] || r_shell=/bin/sh
  exec "$r_shell" -c "$r_command"
fi
exit "$r_code"
`;
}

/** One word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
