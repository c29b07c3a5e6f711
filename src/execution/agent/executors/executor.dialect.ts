// What the contract asks a command to do, and how that is said in a shell. The fake executor has its own dialect.

export type Action =
  | { print: string }
  | { printError: string }
  | { printVariable: string }
  | { printDirectory: true }
  | { exit: number }
  | { spam: number }
  | { hang: true };

export interface Dialect {
  argv(actions: Action[]): string[];
  /** False for an executor that only plays processes: tests that need a shell and signals are left out. */
  realProcesses: boolean;
}

/** POSIX sh, as every image and machine has it. */
export const posixDialect: Dialect = {
  argv: (actions) => ['/bin/sh', '-c', actions.map(inShell).join('\n')],
  realProcesses: true,
};

function inShell(action: Action): string {
  if ('print' in action) return `printf '%s\\n' ${quote(action.print)}`;
  if ('printError' in action) return `printf '%s\\n' ${quote(action.printError)} >&2`;
  if ('printVariable' in action) return `printf '%s\\n' "$${action.printVariable}"`;
  if ('printDirectory' in action) return 'pwd';
  if ('exit' in action) return `exit ${action.exit}`;
  if ('spam' in action) return `head -c ${action.spam} /dev/zero`;
  return 'while :; do sleep 1; done';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
