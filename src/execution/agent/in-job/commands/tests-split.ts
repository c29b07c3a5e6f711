// `circleci tests split [FILE]` (AGENT ).
import type { Answer } from '../call.js';
import { parseFlags } from '../flags.js';
import { itemsOf } from '../split/items.js';
import { SPLIT_FLAGS, splitOptions } from '../split/split-options.js';
import { splitTests } from '../split/split-tests.js';
import type { CommandContext } from './context.js';
import { sourcesOf } from './sources.js';

/** The tests of this node, a line each. The front has put what they are read from into the call. */
export async function testsSplit({ call, environment }: CommandContext): Promise<Answer> {
  const { flags } = parseFlags(call.args.slice(2), { ...SPLIT_FLAGS, verbose: 'boolean' }, { v: 'verbose' });
  const options = splitOptions(flags, call.environment);
  const items = itemsOf(call.input?.toString() ?? '');
  const { share, messages } = await splitTests(
    { ...options, items },
    sourcesOf(environment, call, options.timingsFile),
  );
  return { code: 0, out: lines(share), err: lines(messages) };
}

/** Each with a newline after it. */
export function lines(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `${texts.join('\n')}\n`;
}
