// The flags that `tests split` and `tests run` share (AGENT ), and what they are without being given.
import { parseGoDuration } from '../go-duration.js';
import { UsageError, type FlagKinds } from '../flags.js';
import type { SplitBy, SplitRequest } from './split-tests.js';
import type { TimingsType } from './timings.js';

export const SPLIT_FLAGS = {
  index: 'text',
  total: 'text',
  'split-by': 'text',
  'timings-type': 'text',
  'show-counts': 'boolean',
  'time-default': 'text',
  'timings-file': 'text',
} as const satisfies FlagKinds;

/** `file` and `name` are what `tests run` also understands. */
const TIMINGS_TYPES: Record<string, TimingsType | 'autodetect'> = {
  filename: 'filename',
  file: 'filename',
  classname: 'classname',
  testname: 'testname',
  name: 'testname',
  autodetect: 'autodetect',
};
const SPLIT_BY: Record<string, SplitBy> = { name: 'name', filesize: 'filesize', timings: 'timings' };
/** More nodes than any job has. */
const MOST_NODES = 10_000;

export type SplitOptions = Omit<SplitRequest, 'items'> & { timingsFile: string };

/**
 * @param environment of the call: it says which node this is, and where the history lies
 * @throws UsageError
 */
export function splitOptions(
  flags: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): SplitOptions {
  const index = wholeNumber('index', flags.get('index') ?? (environment['CIRCLE_NODE_INDEX'] || '0'));
  const total = wholeNumber('total', flags.get('total') ?? (environment['CIRCLE_NODE_TOTAL'] || '1'));
  if (total < 1) throw new UsageError('total must be greater than 0');
  if (index >= total)
    throw new UsageError(`index must be less than total: ${index} is not less than ${total}`);
  const taskData = environment['CIRCLE_INTERNAL_TASK_DATA'] ?? '';
  return {
    index,
    total,
    by: oneOf('split-by', flags.get('split-by') ?? 'name', SPLIT_BY),
    timingsType: oneOf('timings-type', flags.get('timings-type') ?? 'autodetect', TIMINGS_TYPES),
    showCounts: flags.get('show-counts') === 'true',
    timeDefault: duration('time-default', flags.get('time-default') ?? '0s'),
    timingsFile: flags.get('timings-file') ?? `${taskData}/circle-test-results/results.json`,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : MOST_NODES + 1;
  if (value > MOST_NODES)
    throw new UsageError(`invalid value "${text}" for ${name}: it is a number from 0 to ${MOST_NODES}`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, values: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(values, text) ? values[text] : undefined;
  if (value === undefined) {
    throw new UsageError(
      `invalid value "${text}" for --${name}: it is one of ${Object.keys(values).join(', ')}`,
    );
  }
  return value;
}

function duration(name: string, text: string): number {
  const seconds = parseGoDuration(text);
  if (seconds === undefined || seconds < 0)
    throw new UsageError(`invalid value "${text}" for --${name}: it is a duration such as 10s or 1m`);
  return seconds;
}
