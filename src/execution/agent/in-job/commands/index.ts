// From the arguments of the in-job command to the code that answers the call.
import type { Answer } from '../call.js';
import { UnclosedBraceError } from '../env-subst/lex.js';
import { UsageError } from '../flags.js';
import { PatternError } from '../glob/pattern.js';
import type { CommandContext } from './context.js';
import { envSubst } from './env-subst.js';
import { helpFor } from './help.js';
import { testsGlob } from './tests-glob.js';
import { testsRun } from './tests-run.js';
import { testsSplit } from './tests-split.js';

const COMMANDS: Readonly<Record<string, (context: CommandContext) => Promise<Answer>>> = {
  'env subst': envSubst,
  'tests glob': testsGlob,
  'tests split': testsSplit,
  'tests run': testsRun,
};
const GROUPS = ['env', 'tests', 'step', 'task', 'run', 'help'];

/** Does what a call asks for. What the user did wrong is an answer; other failures are thrown. */
export async function answerCall(context: CommandContext): Promise<Answer> {
  const { args } = context.call;
  const [first, second] = args;
  const name = `${first ?? ''} ${second ?? ''}`;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // The text of `env subst` may be anything, also "--help".
  const asksForHelp = name !== 'env subst' && args.some((arg) => arg === '--help' || arg === '-h');
  if (asksForHelp || first === 'help' || first === undefined) return { code: 0, out: helpFor(args) };
  if (command === undefined) {
    if (second === undefined && GROUPS.includes(first)) return { code: 0, out: helpFor(args) };
    const [unknown, parent] = GROUPS.includes(first) ? [second, ` ${first}`] : [first, ''];
    return { code: 1, err: `Error: unknown command "${unknown}" for "circleci${parent}"\n` };
  }
  try {
    return await command(context);
  } catch (error) {
    if (error instanceof UsageError) return { code: 1, err: `Error: ${error.message}\n${helpFor(args)}` };
    if (error instanceof PatternError || error instanceof UnclosedBraceError)
      return { code: 1, err: `Error: ${error.message}\n` };
    throw error;
  }
}
