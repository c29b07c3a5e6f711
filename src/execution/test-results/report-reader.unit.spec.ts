// Reading reports in a real thread: all or nothing, in flat memory, within limits. It runs the built file.
import { afterEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { InvalidInputError } from '../../platform/errors/errors.js';
import { ReportLimits, ReportReader, type ResultPiece } from './report-reader.js';

const readers: ReportReader[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.onApplicationShutdown()));
});

function readerWith(limits: Partial<ReportLimits> = {}): ReportReader {
  const url = new URL('../../../dist/src/execution/test-results/report.thread.js', import.meta.url);
  const reader = new ReportReader({ ...new ReportLimits(), url, ...limits });
  readers.push(reader);
  return reader;
}

/** A report as a stream that is made while it is read. */
function report(cases: number, inside: string, end = '</testsuite>'): () => Promise<Readable> {
  function* pieces(): Generator<Buffer> {
    yield Buffer.from('<testsuite name="pytest">');
    for (let made = 0; made < cases;) {
      let text = '';
      for (; made < cases && text.length < 64 * 1024; made += 1)
        text += `<testcase name="case ${made}" classname="all" time="0.5">${inside}</testcase>\n`;
      yield Buffer.from(text);
    }
    yield Buffer.from(end);
  }
  return async () => Readable.from(pieces());
}

/** Of 70 kB a scenario, most of it a picture. */
function cucumber(features: number, scenarios: number): () => Promise<Readable> {
  const result = { status: 'failed', error_message: 'the reason '.repeat(10) };
  const embeddings = [{ mime_type: 'image/png', data: 'iVBORw0KGgo'.repeat(6_400) }];
  const scenario = JSON.stringify({
    ...{ type: 'scenario', name: 'a scenario with a name' },
    steps: [{ keyword: 'Given ', name: 'a step', embeddings, result }],
  });
  function* pieces(): Generator<Buffer> {
    for (let feature = 0; feature < features; feature += 1) {
      yield Buffer.from(`${feature === 0 ? '[' : ','}{"uri":"a.feature","name":"A","elements":[`);
      for (let i = 0; i < scenarios; i += 1) yield Buffer.from(`${i === 0 ? '' : ','}${scenario}`);
      yield Buffer.from(']}');
    }
    yield Buffer.from(']');
  }
  return async () => Readable.from(pieces());
}

async function read(reader: ReportReader, open: () => Promise<Readable>): Promise<ResultPiece[]> {
  const pieces: ResultPiece[] = [];
  await reader.read(open, async (piece) => void pieces.push(piece));
  return pieces;
}

const refusal = (reader: ReportReader, open: () => Promise<Readable>): Promise<unknown> =>
  read(reader, open).catch((error: unknown) => (error instanceof InvalidInputError ? error.message : error));

describe('a report', () => {
  it('is given in pieces of 500 results', async () => {
    const pieces = await read(readerWith(), report(1200, '<failure message="no">later</failure>'));
    expect(pieces.map(({ first, last, results }) => [first, last, results.length])).toEqual([
      [0, false, 500],
      [500, false, 500],
      [1000, true, 200],
    ]);
    const names = pieces.flatMap(({ results }) => results.map(({ name }) => name));
    expect(names).toEqual(Array.from({ length: 1200 }, (_, i) => `case ${i}`));
    expect(pieces[0]!.results[0]).toEqual({
      ...{ classname: 'all', name: 'case 0', file: '', source: 'pytest', result: 'failure', runTime: 0.5 },
      message: 'no\nlater',
    });
  });

  it('with exactly as many results as a piece has, and one with none, have one last piece', async () => {
    const shape = ({ first, last, results }: ResultPiece): unknown => [first, last, results.length];
    expect((await read(readerWith(), report(500, ''))).map(shape)).toEqual([[0, true, 500]]);
    expect((await read(readerWith(), report(0, ''))).map(shape)).toEqual([[0, true, 0]]);
    expect((await read(readerWith(), async () => Readable.from([]))).map(shape)).toEqual([[0, true, 0]]);
  });

  it('of 100 MB is read in 48 MB of memory, and twice', async () => {
    let opened = 0;
    const open = report(
      51_000,
      `<failure>${'trace '.repeat(300)}</failure><system-out>${'out '.repeat(20)}</system-out>`,
    );
    let bytes = 0;
    let results = 0;
    const reader = readerWith({ memoryMegabytes: 48 });
    await reader.read(
      async () => {
        opened += 1;
        return (await open()).on('data', (piece: Buffer) => (bytes += piece.length));
      },
      async (piece) => void (results += piece.results.length),
    );
    expect(opened).toBe(2);
    expect(bytes).toBeGreaterThan(2 * 100_000_000);
    expect(results).toBe(51_000);
  }, 120_000);

  it.each([
    [
      'much output beside short results',
      report(
        1_500,
        `<failure>${'the reason '.repeat(10)}</failure><system-out>${'out '.repeat(17_500)}</system-out>`,
      ),
      1_500,
    ],
    ['a Cucumber report of one feature with pictures', cucumber(1, 1_500), 1_500],
    ['a Cucumber report of many features', cucumber(1_500, 1), 1_500],
  ])(
    'of 100 MB is read in 48 MB of memory: %s',
    async (_, open, cases) => {
      const pieces = await read(readerWith({ memoryMegabytes: 48 }), open);
      const results = pieces.flatMap((piece) => piece.results);
      expect(results).toHaveLength(cases);
      expect(results.at(-1)!.message).toMatch(/^the reason( the reason)*$/);
    },
    120_000,
  );

  it('has pieces of no more than about a million characters', async () => {
    const pieces = await read(readerWith(), report(1000, `<failure>${'x'.repeat(10_000)}</failure>`));
    for (const { results } of pieces)
      expect(results.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(1_100_000);
    expect(pieces.map(({ first }) => first)).toEqual(
      pieces.map((_, i) => pieces.slice(0, i).reduce((sum, { results }) => sum + results.length, 0)),
    );
    expect(pieces.flatMap(({ results }) => results)).toHaveLength(1000);
    expect(pieces.map(({ last }) => last)).toEqual(pieces.map((_, i) => i === pieces.length - 1));
  });

  it('with long names has them cut', async () => {
    const xml = `<testsuite file="${'f'.repeat(9_000)}"><testcase name="${'n'.repeat(9_000)}" classname="${'c'.repeat(9_000)}"/></testsuite>`;
    const [piece] = await read(readerWith(), async () => Readable.from([Buffer.from(xml)]));
    const { name, classname, file } = piece!.results[0]!;
    expect([name.length, classname.length, file.length]).toEqual([4096, 4096, 4096]);
  });

  it('that is broken at its end gives nothing at all, small or large', async () => {
    for (const cases of [10, 20_000]) {
      const open = report(cases, `<failure>${'x'.repeat(800)}</failure>`, '</testsuites>');
      expect(await refusal(readerWith(), open)).toMatch(
        /^The test report is not valid XML: line \d+: Unexpected close tag/,
      );
    }
  }, 60_000);
});

describe('limits', () => {
  it('on time and memory are named', async () => {
    const slow = report(2_000_000, '');
    expect(await refusal(readerWith({ milliseconds: 300 }), slow)).toBe(
      'Reading the test report took longer than 0.3 s.',
    );
    const deep = report(1, '<failure/>'.repeat(2_000_000));
    expect(await refusal(readerWith({ memoryMegabytes: 16 }), deep)).toBe(
      'Reading the test report needs more than 16 MB of memory.',
    );
  }, 60_000);

  it('leave out the time that others take', async () => {
    const reader = readerWith({ milliseconds: 4_000 });
    await read(reader, report(1, ''));
    const pieces: number[] = [];
    // Longer together than the limit.
    await reader.read(report(1500, ''), async ({ first }) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      pieces.push(first);
    });
    expect(pieces).toEqual([0, 500, 1000]);
  }, 60_000);
});

describe('the failure of somebody else', () => {
  it('is no fault of the report: to be tried again', async () => {
    const gone = async (): Promise<never> => {
      throw new Error('the disk is gone');
    };
    expect(await refusal(readerWith(), gone)).toEqual(new Error('the disk is gone'));
    const full = readerWith().read(report(3, ''), gone);
    await expect(full).rejects.toThrow('the disk is gone');
    await expect(full).rejects.not.toBeInstanceOf(InvalidInputError);
  });

  it('the source is closed, also when reading was aborted', async () => {
    const stopping = new AbortController();
    const source = await report(100_000, '')();
    const reading = readerWith().read(
      async () => source.once('data', () => stopping.abort(new Error('the server stops'))),
      async () => undefined,
      stopping.signal,
    );
    await expect(reading).rejects.toThrow('the server stops');
    expect(source.destroyed).toBe(true);
  });
});
