// Cucumber JSON as its implementations write it, and hostile JSON.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { parseReport, ReportParser } from '../report-parser.js';
import type { TestResult } from '../test-result.js';
import { JsonReader, LONGEST } from './json-reader.js';

const parse = (report: unknown): TestResult[] => parseReport(Buffer.from(JSON.stringify(report)));
const passed = (duration = 0): object => ({ result: { status: 'passed', duration } });
const one = (element: object): TestResult =>
  parse([{ uri: 'a.feature', name: 'A', elements: [{ type: 'scenario', name: 's', ...element }] }])[0]!;

describe('scenarios', () => {
  it('of Ruby: the background is an element of its own before each scenario', () => {
    const background = {
      ...{ keyword: 'Background', name: '', line: 3, type: 'background' },
      steps: [{ keyword: 'Given ', name: 'a user', line: 4, ...passed(500_000_000) }],
    };
    const scenario = (name: string, step: object): object => ({
      ...{
        id: `login;${name}`,
        keyword: 'Scenario',
        name,
        line: 6,
        type: 'scenario',
        tags: [{ name: '@x' }],
      },
      before: [{ match: { location: 'features/support/env.rb:3' }, ...passed(250_000_000) }],
      steps: [{ keyword: 'When ', name: 'she logs in', line: 7, ...step }],
    });
    const failure = { status: 'failed', error_message: 'expected: 1\n got: 2', duration: 250_000_000 };
    const report = [
      {
        ...{ uri: 'features/login.feature', id: 'login', keyword: 'Feature', name: 'Login', line: 1 },
        elements: [
          background,
          scenario('works', passed(250_000_000)),
          background,
          scenario('breaks', { result: failure }),
        ],
      },
    ];
    const common = { classname: 'Login', file: 'features/login.feature', source: 'cucumber', runTime: 1 };
    expect(parse(report)).toEqual([
      { ...common, name: 'works', result: 'success', message: '' },
      { ...common, name: 'breaks', result: 'failure', message: 'expected: 1\n got: 2' },
    ]);
  });

  it('of JavaScript: name and file stand behind the scenarios; pictures are left out', () => {
    const steps = [
      { hidden: true, keyword: 'Before', ...passed(1_000_000_000) },
      {
        ...{ arguments: [], keyword: 'Given ', line: 5, name: 'a page', ...passed(500_000_000) },
        embeddings: [{ data: 'A'.repeat(3_000_000), mime_type: 'image/png' }],
      },
    ];
    const report = [
      {
        description: '',
        elements: [{ id: 'f;s', keyword: 'Scenario', line: 4, name: 's', steps, tags: [], type: 'scenario' }],
        ...{ id: 'f', keyword: 'Feature', line: 2, name: 'F', tags: [], uri: 'features/f.feature' },
      },
    ];
    expect(parse(report)).toEqual([
      {
        ...{ classname: 'F', file: 'features/f.feature', name: 's', source: 'cucumber' },
        ...{ result: 'success', runTime: 1.5, message: '' },
      },
    ]);
  });

  it('of the JVM: hooks around scenarios and steps count', () => {
    const step = {
      ...{ keyword: 'Then ', name: 'x', ...passed(1_000_000_000) },
      before: [passed(1_000_000_000)],
      after: [{ result: { status: 'failed', duration: 1_000_000_000, error_message: 'hook broke' } }],
    };
    expect(
      one({ steps: [step], before: [passed(1_000_000_000)], after: [passed(1_000_000_000)] }),
    ).toMatchObject({ result: 'failure', runTime: 5, message: 'hook broke' });
  });

  it('fail by steps that nobody wrote, that are ambiguous or pending, and name them', () => {
    for (const status of ['undefined', 'pending', 'ambiguous', 'failed']) {
      const steps = [
        { keyword: 'Given ', name: 'x', result: { status } },
        { keyword: 'Then ', name: 'y', result: { status: 'skipped' } },
      ];
      expect(one({ steps })).toMatchObject({ result: 'failure', message: `${status}: Given x` });
    }
  });

  it('are told without terminal colours and what a database cannot hold', () => {
    const result = { status: 'failed', error_message: '\u001b[31mred\u0000\ud800' };
    expect(one({ name: 'a\u0000b', steps: [{ result }] })).toMatchObject({
      name: 'ab',
      message: '[31mred\ufffd',
    });
  });

  it('are skipped when a step was, or none has a result', () => {
    expect(one({ steps: [passed(), { result: { status: 'skipped' } }] })).toMatchObject({
      result: 'skipped',
      message: '',
    });
    expect(one({ steps: [{ keyword: 'Given ', name: 'dry run' }] }).result).toBe('skipped');
    expect(one({ steps: [] }).result).toBe('success');
  });

  it('keep to their features', () => {
    const feature = (name: string, ...scenarios: string[]): object => ({
      ...{ name, uri: `${name}.feature` },
      elements: scenarios.map((scenario) => ({ type: 'scenario', name: scenario, steps: [passed()] })),
    });
    expect(
      parse([feature('a', '1', '2'), feature('none'), feature('b', '3')]).map(({ file, name }) => [
        file,
        name,
      ]),
    ).toEqual([
      ['a.feature', '1'],
      ['a.feature', '2'],
      ['b.feature', '3'],
    ]);
  });
});

describe('JSON that is no Cucumber report', () => {
  it.each([
    {},
    [],
    [1, null, 'x', [[]]],
    { name: { elements: [{ name: 'a', steps: [] }] } },
    [{ elements: {} }],
    [{ elements: [1, [], {}, { name: 'x' }, { steps: [] }] }],
    [{ steps: [{ name: 'a', steps: [] }] }],
    { numTotalTests: 1, testResults: [{ name: 'a.js', assertionResults: [] }] },
  ])('has no results: %j', (report) => {
    expect(parse(report)).toEqual([]);
  });

  it('odd values do no harm', () => {
    const steps = [1, null, [], { result: 3 }, { result: { duration: 'x', status: 5, error_message: {} } }];
    expect(one({ steps, before: {}, after: 'x' })).toMatchObject({ result: 'skipped', runTime: 0 });
    expect(
      parseReport(
        Buffer.from('[{"__proto__":{"x":1},"elements":[{"name":"a","steps":[],"__proto__":{"y":1}}]}]'),
      ),
    ).toMatchObject([{ name: 'a' }]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('the reader of JSON', () => {
  const events = (pieces: string[]): unknown[] => {
    const told: unknown[] = [];
    const reader = new JsonReader({
      open: (kind) => told.push(kind),
      close: () => told.push('close'),
      key: (name) => told.push(`key ${name}`),
      value: (value) => told.push([value]),
    });
    for (const piece of pieces) reader.write(piece);
    reader.end();
    return told;
  };
  const eventsOf = (value: unknown): unknown[] => {
    if (Array.isArray(value)) return ['[', ...value.flatMap(eventsOf), 'close'];
    if (typeof value !== 'object' || value === null) return [[value]];
    return ['{', ...Object.entries(value).flatMap(([key, v]) => [`key ${key}`, ...eventsOf(v)]), 'close'];
  };
  const cut = (text: string, cuts: number[]): string[] => {
    const places = [0, ...cuts.map((at) => at % (text.length + 1)).sort((a, b) => a - b), text.length];
    return places.slice(0, -1).map((from, i) => text.slice(from, places[i + 1]));
  };

  it('reads what JSON.stringify writes, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.constantFrom(undefined, 2, '\r\n\t'),
        (value, cuts, indent) => {
          const text = JSON.stringify(value, null, indent);
          // As it is read back: no -0, no halves of letters.
          const read = JSON.parse(JSON.stringify(value)) as unknown;
          expect(events(cut(text, cuts))).toEqual(eventsOf(wellFormed(read)));
        },
      ),
      { numRuns: 500 },
    );
    const escapes = '["\\u00e9\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00", -1.5e+3, true, false, null]';
    for (const pieces of [[escapes], [...escapes]])
      expect(events(pieces)).toEqual(eventsOf(['é"\\/\b\f\n\r\t😀', -1500, true, false, null]));
  });

  it('takes and refuses what JSON.parse does', () => {
    const parts = [
      ...'[]{},:"',
      ' ',
      '\n',
      '1',
      '-',
      '.5',
      'e3',
      '01',
      'true',
      'nul',
      'null',
      '"a"',
      '\\u00',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (chosen) => {
        const text = chosen.join('');
        const takes = (read: () => unknown): boolean => {
          try {
            read();
            return true;
          } catch {
            return false;
          }
        };
        // Line ends in texts are let pass, JSON.parse refuses them.
        fc.pre(!/"[^"]*\n/.test(text));
        expect([text, takes(() => events([text]))]).toEqual([text, takes(() => JSON.parse(text))]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('cuts long texts', () => {
    const [[text]] = events([`"${'x'.repeat(LONGEST - 1)}`, '😀', 'more"']) as [[string]];
    expect(text.length).toBe(LONGEST);
    expect(text.isWellFormed()).toBe(true);
  });

  it.each([
    ['[\n1,\n]', 'line 3: unexpected "]"'],
    ['[{"a": 1}', 'line 1: it ends too early'],
    ['[{"a":\n\n nan}]', 'line 3: unexpected "nan"'],
    ['["\\x"    ]', 'line 1: wrong escape "\\\\x"'],
    ['[] []', 'line 1: unexpected "["'],
    ['[1 2]', 'line 1: unexpected "2"'],
    ['['.repeat(201), 'line 1: it is nested deeper than 200'],
    [`[${'1'.repeat(1000)}]`, `line 1: unexpected "${'1'.repeat(64)}"`],
  ])('names the line of a mistake: %j', (text, reason) => {
    expect(() => parseReport(Buffer.from(text))).toThrow(`The test report is not valid JSON: ${reason}`);
    const parser = new ReportParser(() => undefined);
    expect(() => {
      for (const byte of Buffer.from(text)) parser.write(Buffer.from([byte]));
      parser.end();
    }).toThrow(InvalidInputError);
  });
});

it('encodings are those of XML reports', () => {
  const text = JSON.stringify([
    { name: 'ü', elements: [{ name: '😀 b', type: 'scenario', steps: [passed()] }] },
  ]);
  const little = Buffer.from(text, 'utf16le');
  for (const bytes of [
    Buffer.from(`\ufeff${text}`),
    Buffer.from(`  \n${text}\n`),
    little,
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(little).swap16(),
  ])
    expect(parseReport(bytes)).toMatchObject([{ classname: 'ü', name: '😀 b' }]);
});

function wellFormed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, v: unknown) => (typeof v === 'string' ? v.toWellFormed() : v));
}
