import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFlags } from '../flags.js';
import { parseGoDuration } from '../go-duration.js';
import { assign } from './assign.js';
import { itemsOf, wordsOf } from './items.js';
import { SPLIT_FLAGS, splitOptions } from './split-options.js';
import { splitTests, type SplitSources } from './split-tests.js';
import { Timings } from './timings.js';

const HISTORY = {
  tests: [
    { file: 'spec/a.rb', classname: 'A', name: 'one', run_time: 2.5, result: 'success' },
    { file: 'spec/a.rb', classname: 'A', name: 'two', run_time: 7.5, result: 'success' },
    { file: 'spec/b.rb', classname: 'B', name: 'one', run_time: 6, result: 'success' },
    { file: null, classname: 'C', name: 'three', run_time: 5 },
    { file: 'spec/d.rb', classname: 'D', name: 'four', run_time: 4 },
  ],
};
const NOTHING: SplitSources = {
  timings: () => Promise.resolve(undefined),
  sizes: () => Promise.resolve(new Map()),
};
const withHistory = (history: unknown = HISTORY): SplitSources => ({
  ...NOTHING,
  timings: () => Promise.resolve(Timings.parse(JSON.stringify(history))),
});

/** All shares and what the first node says. */
async function split(items: string[], line: string, sources: SplitSources = NOTHING) {
  const { flags } = parseFlags(line === '' ? [] : line.split(' '), SPLIT_FLAGS);
  const options = splitOptions(flags, {});
  const splits = Array.from({ length: options.total }, (_, index) =>
    splitTests({ ...options, items, index }, sources),
  );
  const done = await Promise.all(splits);
  return { shares: done.map(({ share }) => share), messages: done[0]!.messages };
}

describe('the list of tests', () => {
  it('has a test on each line, or all on one line with blanks between them', () => {
    expect(itemsOf('a\nb c\n\nd\r\n')).toEqual(['a', 'b c', 'd']);
    expect(itemsOf('a  b\tc\n')).toEqual(['a', 'b', 'c']);
    expect(itemsOf('\na\n')).toEqual(['a']);
    expect(itemsOf(' \n\n')).toEqual([]);
    expect(wordsOf('a b\nc\n')).toEqual(['a', 'b', 'c']);
    expect(wordsOf('')).toEqual([]);
  });
});

describe('sharing out', () => {
  const weighted = (weights: number[]) => weights.map((weight, i) => ({ name: `t${i}`, weight }));

  it('gives the heaviest to the node with the least, of equals to the first', () => {
    const weights = [10, 6, 5, 4, 3, 2];
    const shares = assign(weighted(weights), 3);
    const weightOf = (name: string) => weights[Number(name.slice(1))];
    expect(shares.map((names) => names.map(weightOf))).toEqual([[10], [6, 3, 2], [5, 4]]);
  });

  it('does not depend on the order of the list', () => {
    const tests = weighted([1, 1, 1, 2, 2, 0, 0, 3]);
    expect(assign([...tests].reverse(), 3)).toEqual(assign(tests, 3));
  });

  it('goes around when all weigh the same, or nothing', () => {
    const expected = [['t0', 't3'], ['t1', 't4'], ['t2']];
    expect(assign(weighted([1, 1, 1, 1, 1]), 3)).toEqual(expected);
    expect(assign(weighted([0, 0, 0, 0, 0]), 3)).toEqual(expected);
  });

  it('puts what weighs nothing to the node with the least', () => {
    expect(assign(weighted([5, 4, 0, 0]), 2)).toEqual([['t0'], ['t1', 't2', 't3']]);
  });

  it('leaves nodes without a test when there are more nodes', () => {
    expect(assign(weighted([1]), 3)).toEqual([['t0'], [], []]);
    expect(assign([], 2)).toEqual([[], []]);
  });

  it('is disjoint and complete, and no node has more than the least one by more than one test', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 60 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 9 }), (list, nodes) => {
        const shares = assign(weighted(list), nodes);
        const names = weighted(list).map(({ name }) => name);
        expect(shares.flat().sort()).toEqual(names.sort());
        const totals = shares.map((share) =>
          share.reduce((sum, name) => sum + list[Number(name.slice(1))]!, 0),
        );
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(Math.max(0, ...list));
      }),
    );
  });
});

describe('tests split', () => {
  it('goes around the sorted names by default', async () => {
    const items = ['c', 'a', 'B', 'd', 'ä', '😀', '\uffee'];
    expect(await split(items, '--total 2')).toEqual({
      shares: [
        ['B', 'c', 'ä', '😀'],
        ['a', 'd', '\uffee'],
      ],
      messages: [],
    });
    expect((await split(items, '')).shares).toEqual([['B', 'a', 'c', 'd', 'ä', '\uffee', '😀']]);
  });

  it('goes by the size of files', async () => {
    const sizes = new Map([
      ['big', 100],
      ['mid', 60],
      ['small', 50],
    ]);
    const sources = { ...NOTHING, sizes: () => Promise.resolve(sizes) };
    expect(await split(['none', 'small', 'mid', 'big'], '--split-by=filesize --total=2', sources)).toEqual({
      shares: [
        ['big', 'none'],
        ['mid', 'small'],
      ],
      messages: ['No file found for "none"'],
    });
  });

  it('goes by the sums of times of files, found out by itself', async () => {
    const items = ['spec/b.rb', 'spec/a.rb', 'spec/d.rb'];
    expect(await split(items, '--split-by=timings --total=2', withHistory())).toEqual({
      shares: [['spec/a.rb'], ['spec/b.rb', 'spec/d.rb']],
      messages: [],
    });
  });

  it('goes by classes, found out or asked for, and by test names', async () => {
    const items = ['D', 'C', 'B', 'A'];
    expect(await split(items, '--split-by=timings --total=3', withHistory())).toEqual({
      shares: [['A'], ['B'], ['C', 'D']],
      messages: [],
    });
    const asked = await split(items, '--split-by timings --timings-type classname --total 3', withHistory());
    expect(asked.shares).toEqual([['A'], ['B'], ['C', 'D']]);
    const names = ['one', 'two', 'three', 'four'];
    for (const type of ['testname', 'name']) {
      const { shares } = await split(
        names,
        `--split-by=timings --timings-type=${type} --total=2`,
        withHistory(),
      );
      expect(shares).toEqual([
        ['one', 'four'],
        ['two', 'three'],
      ]);
    }
  });

  it('gives a test without a time the default, and says so', async () => {
    const items = ['spec/a.rb', 'spec/new.rb', 'spec/b.rb'];
    const line = '--split-by=timings --timings-type=file --total=2';
    expect(await split(items, line, withHistory())).toEqual({
      shares: [['spec/a.rb'], ['spec/b.rb', 'spec/new.rb']],
      messages: ['No timing found for "spec/new.rb"'],
    });
    const { shares } = await split(items, `${line} --time-default=1m`, withHistory());
    expect(shares).toEqual([['spec/new.rb'], ['spec/a.rb', 'spec/b.rb']]);
  });

  it('does not take one form of a path for another', async () => {
    const line = '--split-by=timings --total=2';
    expect(await split(['./spec/a.rb', './spec/b.rb', './spec/d.rb'], line, withHistory())).toEqual({
      shares: [['./spec/a.rb', './spec/d.rb'], ['./spec/b.rb']],
      messages: [
        'Error autodetecting timing type, falling back to weighting by name. Autodetect no matching filename or classname.  If file names are used, double check paths for absolute vs relative.',
        'Example input file: "./spec/a.rb"',
        'Example file from timings: "spec/a.rb"',
      ],
    });
  });

  it('goes by name when there is no history, or none that can be read', async () => {
    const fallback =
      'Requested weighting by historical based timing, but they are not present. Falling back to weighting by name.';
    const line = '--split-by=timings --total=2';
    expect(await split(['b', 'a'], line)).toEqual({
      shares: [['a'], ['b']],
      messages: ['Error reading historical timing data: file does not exist', fallback],
    });
    const broken = { ...NOTHING, timings: () => Promise.resolve().then(() => Timings.parse('{}')) };
    expect(await split(['b', 'a'], line, broken)).toEqual({
      shares: [['a'], ['b']],
      messages: ['Error reading historical timing data: it has no list "tests"', fallback],
    });
  });

  it('takes odd entries of a history for what they are', async () => {
    const history = {
      tests: [
        null,
        3,
        {},
        { file: 'a', run_time: '5' },
        { file: 'a', run_time: -1 },
        { file: 'a', run_time: 2 },
      ],
    };
    expect(Timings.parse(JSON.stringify(history)).by('filename')).toEqual(new Map([['a', 2]]));
    expect(Timings.parse('{"tests":[]}').exampleFile).toBeUndefined();
    for (const text of ['null', '[]', '3', '{"tests":{}}', ''])
      expect(() => Timings.parse(text)).toThrow(SyntaxError);
  });

  it('says how many tests there are when asked to', async () => {
    const { messages } = await split(['a', 'b', 'c'], '--show-counts --total=2');
    expect(messages).toEqual(['Read 3 test files or classes, 2 of them for this node.']);
  });
});

describe('the flags of tests split', () => {
  const options = (args: string[], environment: Record<string, string> = {}) =>
    splitOptions(parseFlags(args, SPLIT_FLAGS).flags, environment);

  it('takes the node and the place of the history from the environment of the call', () => {
    const environment = {
      CIRCLE_NODE_INDEX: '1',
      CIRCLE_NODE_TOTAL: '3',
      CIRCLE_INTERNAL_TASK_DATA: '/data',
    };
    expect(options([], environment)).toEqual({
      index: 1,
      total: 3,
      by: 'name',
      timingsType: 'autodetect',
      showCounts: false,
      timeDefault: 0,
      timingsFile: '/data/circle-test-results/results.json',
    });
    expect(options(['--index=2', '--timings-file', 'x.json'], environment)).toMatchObject({
      index: 2,
      timingsFile: 'x.json',
    });
    expect(options([], { CIRCLE_NODE_INDEX: '', CIRCLE_NODE_TOTAL: '' })).toMatchObject({
      index: 0,
      total: 1,
    });
  });

  it.each([
    [['--index=3', '--total=3'], 'index must be less than total: 3 is not less than 3'],
    [['--total=0'], 'total must be greater than 0'],
    [['--total=x'], 'invalid value "x" for total: it is a number from 0 to 10000'],
    [['--index=-1'], 'invalid value "-1" for index: it is a number from 0 to 10000'],
    [['--split-by=size'], 'invalid value "size" for --split-by: it is one of name, filesize, timings'],
    [['--timings-type=toString'], 'invalid value "toString" for --timings-type'],
    [['--time-default=10'], 'invalid value "10" for --time-default: it is a duration such as 10s or 1m'],
    [['--total'], 'flag needs an argument: --total'],
    [['--what=1'], 'unknown flag: --what'],
    [['-x'], 'unknown shorthand flag: "x" in -x'],
    [['--show-counts=maybe'], 'invalid argument "maybe" for "--show-counts" flag: it is true or false'],
  ])('refuses %j', (args, message) => {
    expect(() => options(args)).toThrow(message);
  });

  it('knows both forms of a value, and operands anywhere', () => {
    const parsed = parseFlags(
      ['a', '--total', '2', '-v', 'b', '--', '--index'],
      { ...SPLIT_FLAGS, verbose: 'boolean' },
      {
        v: 'verbose',
      },
    );
    expect(parsed.operands).toEqual(['a', 'b', '--index']);
    expect([...parsed.flags]).toEqual([
      ['total', '2'],
      ['verbose', 'true'],
    ]);
    expect(parseFlags(['--show-counts=false', '--timings-file=a=b\nc'], SPLIT_FLAGS).flags).toEqual(
      new Map([
        ['show-counts', 'false'],
        ['timings-file', 'a=b\nc'],
      ]),
    );
  });

  it('reads durations as Go does', () => {
    const texts = ['10s', '1m', '1h30m', '1.5s', '250ms', '0', '2h0m.5s', '-1s', '3µs'];
    expect(texts.map(parseGoDuration)).toEqual([10, 60, 5400, 1.5, 0.25, 0, 7200.5, -1, 3e-6]);
    for (const text of ['', '10', 's', '1 s', '1s2', '1d', '1.m.'])
      expect(parseGoDuration(text)).toBeUndefined();
  });
});
