// `circleci env subst [STRING]` (AGENT ).
import { isUtf8 } from 'node:buffer';
import type { Answer } from '../call.js';
import { substitute } from '../env-subst/substitute.js';
import type { CommandContext } from './context.js';

/** Replaces variables in the first argument, or else in the input; further arguments are ignored, no newline is added. */
export async function envSubst({ call }: CommandContext): Promise<Answer> {
  const [, , argument] = call.args;
  if (argument !== undefined) return { code: 0, out: substitute(argument, call.environment) };
  const input = call.input ?? Buffer.alloc(0);
  // A file may be in another encoding: its bytes come through all the same.
  const encoding = isUtf8(input) ? 'utf8' : 'latin1';
  return { code: 0, out: Buffer.from(substitute(input.toString(encoding), call.environment), encoding) };
}
