// `circleci tests glob PATTERN...` (AGENT ).
import type { ExecutionEnvironment } from '../../executors/executor.port.js';
import type { Answer } from '../call.js';
import { parseFlags, UsageError } from '../flags.js';
import { readPattern } from '../glob/pattern.js';
import { listingFor, select, type Listing } from '../glob/select.js';
import { LIST_BELOW, scriptOutput } from '../script.js';
import type { CommandContext } from './context.js';

/** The matches of each pattern in turn, a line each. */
export async function testsGlob({ call, environment }: CommandContext): Promise<Answer> {
  const { operands } = parseFlags(call.args.slice(2), {});
  if (operands.length === 0) throw new UsageError('requires at least 1 arg(s), only received 0');
  // All patterns are read before any directory is.
  const patterns = operands.flatMap(readPattern);
  const lists = new Map<string, string[]>();
  const lines: string[] = [];
  for (const pattern of patterns) {
    const listing = listingFor(pattern);
    const key = JSON.stringify(listing);
    let below = lists.get(key);
    if (below === undefined) {
      below = listing === undefined ? [] : await list(environment, listing, call.cwd);
      lists.set(key, below);
    }
    // One at a time: a list of arguments has a limit.
    for (const path of select(pattern, below)) lines.push(path);
  }
  return { code: 0, out: lines.map((line) => `${line}\n`).join('') };
}

async function list(
  environment: ExecutionEnvironment,
  { root, depth }: Listing,
  cwd: string,
): Promise<string[]> {
  const args = [root === '' ? '.' : root, ...(depth === undefined ? [] : [String(depth)])];
  const output = await scriptOutput(environment, LIST_BELOW, args, cwd);
  return output
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => path.replace(/^\.\//, ''));
}
