// Every variant of A-112, as the runners write them, and hostile input.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { InvalidInputError } from '../../../platform/errors/errors.js';
import { MAX_REPORT_BYTES } from '../report.limits.js';
import { parseReport, ReportParser } from '../report-parser.js';
import type { TestResult } from '../test-result.js';
import { parseRunTime } from './run-time.js';

const parse = (xml: string) => parseReport(Buffer.from(xml));
const one = (inside: string, attributes = '') =>
  parse(`<testsuite name="s"><testcase name="t" ${attributes}>${inside}</testcase></testsuite>`)[0]!;

describe('roots and nesting', () => {
  test('jest: suites in testsuites, file on the case', () => {
    const results = parse(`<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="jest tests" tests="2" failures="1" errors="0" time="1.1">
        <testsuite name="sum" errors="0" failures="1" time="0.6" tests="2">
          <testcase classname="sum adds" name="sum adds" time="0.004" file="src/sum.test.js"></testcase>
          <testcase classname="sum fails" name="sum fails" time="0.5" file="src/sum.test.js">
            <failure>Error: expect(received).toBe(expected) &#x2F; Object.is</failure>
          </testcase>
        </testsuite>
      </testsuites>`);
    expect(results).toEqual([
      {
        ...{ classname: 'sum adds', file: 'src/sum.test.js', name: 'sum adds', source: 'jest' },
        ...{ result: 'success', runTime: 0.004, message: '' },
      },
      {
        ...{ classname: 'sum fails', file: 'src/sum.test.js', name: 'sum fails', source: 'jest' },
        ...{ result: 'failure', runTime: 0.5, message: 'Error: expect(received).toBe(expected) / Object.is' },
      },
    ]);
  });

  test('rspec: one testsuite as the root', () => {
    const results = parse(`<?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="rspec2" tests="2" skipped="1" failures="0" errors="0" time="0.1">
      <properties><property name="seed" value="1"/></properties>
      <testcase classname="spec.a" name="A works" file="./spec/a_spec.rb" time="0.011"></testcase>
      <testcase classname="spec.a" name="A later" file="./spec/a_spec.rb" time="0.0"><skipped/></testcase>
      </testsuite>`);
    expect(results.map(({ source, result, file, runTime }) => [source, result, file, runTime])).toEqual([
      ['rspec', 'success', './spec/a_spec.rb', 0.011],
      ['rspec', 'skipped', './spec/a_spec.rb', 0],
    ]);
  });

  test('PHPUnit: suites in suites, file of the class suite', () => {
    const results = parse(`<testsuites><testsuite name="" tests="2"><testsuite name="Unit">
      <testsuite name="FooTest" file="/app/FooTest.php">
        <testcase name="testA" class="FooTest" file="/app/Other.php" line="9" time="0.1"/>
        <testsuite name="FooTest::testB"><testcase name="testB #0" classname="FooTest" time="0.2"/></testsuite>
      </testsuite></testsuite></testsuite></testsuites>`);
    expect(results.map(({ classname, name, file }) => [classname, name, file])).toEqual([
      ['FooTest', 'testA', '/app/Other.php'],
      ['FooTest', 'testB #0', '/app/FooTest.php'],
    ]);
  });

  test('mocha: file on a suite is not that of its neighbours', () => {
    const results = parse(`<testsuites name="Mocha Tests" time="0.1">
      <testsuite name="Root" file="/r.js"><testcase name="a" classname="x" time="0"/></testsuite>
      <testsuite name="Next"><testcase name="b" classname="y" time="0"/></testsuite></testsuites>`);
    expect(results.map(({ file, source }) => [file, source])).toEqual([
      ['/r.js', 'mocha'],
      [undefined, 'mocha'],
    ]);
  });

  test('filepath is not read; a missing classname is empty', () => {
    expect(one('', 'filepath="a.js"')).toEqual({
      ...{ classname: '', name: 't', source: 'unknown', result: 'success', runTime: 0, message: '' },
    });
  });

  test('namespaces, a stylesheet and a document type are no obstacle', () => {
    const xml = `<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><!DOCTYPE testsuites>
      <j:testsuites xmlns:j="urn:x"><!-- note --><j:testsuite><j:testcase name="n"/></j:testsuite></j:testsuites>`;
    expect(parse(xml).map((result) => result.name)).toEqual(['n']);
  });

  test('XML that is no test report has no results', () => {
    expect(parse('<coverage><testcase name="no"/></coverage>')).toEqual([]);
    expect(parse('<testsuites/>')).toEqual([]);
  });
});

describe('outcome and message', () => {
  test('error counts as failure', () => {
    expect(one('<error type="E" message="boom">trace</error>')).toMatchObject({
      result: 'failure',
      message: 'boom\ntrace',
    });
  });

  test('the message is not said twice', () => {
    expect(one('<failure message="boom">Error: boom\n  at x</failure>').message).toBe('Error: boom\n  at x');
    expect(one('<failure message="only &quot;short&quot;"/>').message).toBe('only "short"');
    expect(one('<failure/>')).toMatchObject({ result: 'failure', message: '' });
  });

  test('several failures are joined', () => {
    expect(one('<failure>a</failure><failure>b</failure>').message).toBe('a\nb');
  });

  test('CDATA is taken as it is, text beside it is unescaped', () => {
    expect(one('<failure>&lt;x&gt; <![CDATA[<b> &amp; ]]>&#65;&unknown;</failure>').message).toBe(
      '<x> <b> &amp; A&unknown;',
    );
  });

  test('skipped, also by its status', () => {
    expect(one('<skipped message="later"/>')).toMatchObject({ result: 'skipped', message: 'later' });
    expect(one('', 'status="notrun"').result).toBe('skipped');
    expect(one('', 'status="run" result="completed"').result).toBe('success');
  });

  test('surefire reruns: flaky is a success, failed again a failure', () => {
    expect(one('<flakyFailure message="f"><stackTrace>x</stackTrace></flakyFailure>').result).toBe('success');
    expect(one('<failure>first</failure><rerunFailure>second</rerunFailure>')).toMatchObject({
      result: 'failure',
      message: 'first',
    });
  });

  test('output and properties are left out', () => {
    const inside = `<properties><property name="a" value="b"/></properties><system-out><![CDATA[<failure>]]></system-out>
      <system-err>&lt;error&gt; x</system-err>`;
    expect(one(inside)).toMatchObject({ result: 'success', message: '' });
    expect(one(`<system-out>x</system-out><failure>real</failure>`)).toMatchObject({ message: 'real' });
  });

  test('a long message is cut', () => {
    expect(one(`<failure>${'x'.repeat(100_000)}</failure>`).message.length).toBe(65_536);
  });
});

test.each([
  ['0.25', 0.25],
  ['1,234.5', 1234.5],
  ['1,234,567.25', 1_234_567.25],
  ['1,234', 1234],
  ['0,123', 0.123],
  ['12,5', 12.5],
  ['1.234,5', 1234.5],
  ['1.5s', 1.5],
  ['1.2e-05', 0.000012],
  ['-1', 0],
  ['', 0],
  ['NaN', 0],
  ['fast', 0],
  [undefined, 0],
])('time %j is %d s', (text, seconds) => {
  expect(parseRunTime(text)).toBe(seconds);
});

describe('bytes', () => {
  const named = (name: string, encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?><testsuite><testcase name="${name}"/></testsuite>`;
  const nameIn = (bytes: Buffer) => parseReport(bytes)[0]!.name;

  test('declared encodings', () => {
    expect(nameIn(Buffer.from(named('café', 'ISO-8859-1'), 'latin1'))).toBe('café');
    const [before, after] = named('|', 'windows-1251').split('|') as [string, string];
    expect(nameIn(Buffer.concat([Buffer.from(before), Buffer.from([0xcf, 0xf0]), Buffer.from(after)]))).toBe(
      'Пр',
    );
    expect(nameIn(Buffer.from(named('é', 'no-such-encoding')))).toBe('é');
    expect(nameIn(Buffer.from(named('é', 'UTF-16')))).toBe('é');
  });

  test('byte order marks and UTF-16 without one', () => {
    expect(nameIn(Buffer.from(`\ufeff${named('é', 'utf-8')}`))).toBe('é');
    const little = Buffer.from(`\ufeff${named('é', 'utf-16')}`, 'utf16le');
    expect(nameIn(little)).toBe('é');
    expect(nameIn(little.subarray(2))).toBe('é');
    expect(nameIn(Buffer.from(little).swap16())).toBe('é');
  });

  test('control characters and broken UTF-8', () => {
    expect(one('<failure>\u001b[31mred\u001b[0m &#27;[1m &#x0;\u0000.</failure>').message).toBe(
      '[31mred[0m [1m .',
    );
    const [before, after] = named('|', 'UTF-8').split('|') as [string, string];
    expect(nameIn(Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0x41]), Buffer.from(after)]))).toBe(
      '\ufffdA',
    );
  });

  test('an empty file has no results', () => {
    for (const text of ['', ' \n\t', '\ufeff', '\0\0\0']) expect(parse(text)).toEqual([]);
  });

  test.each([
    'not xml',
    '<testsuite>',
    '<testsuite><testcase name="a"></testsuite>',
    '<testsuite><testcase name="a"/>',
    '\n<',
    '<testsuite name="a" name="b"/>',
    '<a/><b/>',
  ])('broken: %j', (xml) => {
    expect(() => parse(xml)).toThrow(InvalidInputError);
  });
});

describe('pieces', () => {
  const inPieces = (bytes: Buffer, cuts: number[]): TestResult[] => {
    const results: TestResult[] = [];
    const reader = new ReportParser((result) => results.push(result));
    const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    for (const [i, from] of places.slice(0, -1).entries()) reader.write(bytes.subarray(from, places[i + 1]));
    reader.end();
    return results;
  };
  const report = `<?xml version="1.0" encoding="|"?><!-- ä --><testsuites name="jest tests">
    <testsuite file="ü.js"><properties><property name="a" value="b"/></properties>
    <testcase name="größe &amp; &#x1F600; 😀" classname="&lt;ÿ&gt;" time="1,5"><failure message="öl"><![CDATA[<b> ]] &amp; ]]>&#65;é\u001b[31m</failure></testcase>
    <testcase name="b" flaky status='run'><skipped message="a &amp; b"/><system-out><![CDATA[<failure>]]></system-out></testcase>
    </testsuite></testsuites>`;

  test.each(['utf-8', 'utf16le', 'latin1'] as const)('may be cut anywhere: %s', (encoding) => {
    const text = encoding === 'latin1' ? report.replace('😀', '') : report;
    const bytes = Buffer.from(text.replace('|', encoding === 'latin1' ? 'iso-8859-1' : 'utf-8'), encoding);
    const whole = parseReport(bytes);
    expect(whole.map(({ name }) => name)).toEqual([`größe & 😀 ${encoding === 'latin1' ? '' : '😀'}`, 'b']);
    expect(whole[0]).toMatchObject({ classname: '<ÿ>', message: 'öl\n<b> ]] &amp; Aé[31m', source: 'jest' });
    expect(whole[1]).toMatchObject({ result: 'skipped', message: 'a & b', file: 'ü.js' });
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        expect(inPieces(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
    expect(
      inPieces(
        bytes,
        Array.from(bytes, (_, i) => i),
      ),
    ).toEqual(whole);
  });

  test('results are told as soon as their cases have ended', () => {
    const told: string[] = [];
    const reader = new ReportParser(({ name }) => told.push(name));
    reader.write(Buffer.from(`<testsuite>${' '.repeat(300)}<testcase name="a"/><testcase name="b">`));
    expect(told).toEqual(['a']);
    reader.write(Buffer.from('</testcase>'));
    expect(told).toEqual(['a', 'b']);
    expect(() => reader.end()).toThrow('The test report is not valid XML: line 1: Unclosed root tag');
  });
});

describe('what many tools get wrong', () => {
  test('an attribute without a value and a bare ampersand are taken', () => {
    expect(
      parse('<testsuite><testcase name="a & b" flaky><failure>x && y</failure></testcase></testsuite>'),
    ).toEqual([expect.objectContaining({ name: 'a & b', result: 'failure', message: 'x && y' })]);
  });

  test('long attributes are taken up to a limit that is named', () => {
    expect(one(`<failure message="${'m'.repeat(200_000)}"/>`).message).toBe('m'.repeat(65_536));
    const reader = new ReportParser(() => undefined);
    reader.write(Buffer.from('<testsuite><testcase><failure message="'));
    const piece = Buffer.alloc(1024 * 1024, 'm');
    expect(() => {
      for (let i = 0; i < 10; i += 1) reader.write(piece);
    }).toThrow('The test report is not valid XML: line 1: Max buffer length exceeded: attribValue');
  });

  test('the line of a mistake is told', () => {
    expect(() => parse('<testsuite>\n<testcase name="a">\n</testsuite>')).toThrow(
      'The test report is not valid XML: line 3: Unexpected close tag',
    );
    expect(() => parse('<testsuite name="a"\nname="b"/>')).toThrow(
      'line 2: the attribute name is there twice',
    );
  });

  test('a message that is cut is still text', () => {
    const { message } = one(`<failure>${'x'.repeat(65_535)}😀</failure>`);
    expect(message.isWellFormed()).toBe(true);
  });
});

describe('hostile input', () => {
  const refused = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
      return 'refused';
    }
  };

  test('files that declare entities are refused', () => {
    const bomb = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
      <testsuite><testcase name="&b;"><failure>&b;</failure></testcase></testsuite>`;
    const reason = 'line 1: the document type declares entities, which reports may not';
    expect(() => parse(bomb)).toThrow(`The test report is not valid XML: ${reason}`);
    const file = `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>`;
    expect(() => parse(file)).toThrow(reason);
    const parameter = `<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><testsuite/>`;
    expect(() => parse(parameter)).toThrow(reason);
  });

  test('entities that nobody declared stay as they are written', () => {
    expect(one('<failure>&constructor;&nbsp;&__proto__;</failure>').message).toBe(
      '&constructor;&nbsp;&__proto__;',
    );
  });

  test('too large and too deep are refused', () => {
    const reader = new ReportParser(() => undefined);
    const piece = Buffer.alloc(8 * 1024 * 1024, ' ');
    for (let bytes = 0; bytes < MAX_REPORT_BYTES; bytes += piece.length) reader.write(piece);
    expect(() => reader.write(Buffer.from(' '))).toThrow('The test report is larger than 256 MiB.');
    expect(() => parse('<testsuite>'.repeat(50_000) + '</testsuite>'.repeat(50_000))).toThrow(
      InvalidInputError,
    );
  });

  test('names of object properties are plain names or refused', () => {
    const plain = '<testsuite toString="1"><testcase name="__proto__" classname="constructor"/></testsuite>';
    expect(parse(plain)).toMatchObject([{ name: '__proto__', classname: 'constructor', result: 'success' }]);
    refused(() =>
      parse('<testsuite __proto__="x"><__proto__ name="x"/><testcase constructor="y"/></testsuite>'),
    );
    expect(({} as Record<string, unknown>).name).toBeUndefined();
  });

  test('arbitrary bytes are results or InvalidInputError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const results = refused(() => parseReport(Buffer.from(bytes)));
        expect(results === 'refused' || Array.isArray(results)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('arbitrary pieces of XML are results or InvalidInputError', () => {
    const tags = [
      '<testsuites>',
      '</testsuites>',
      '<testsuite name="a">',
      '</testsuite>',
      '<testcase time="1,0"',
      '/>',
      '>',
    ];
    const others = [
      '</testcase>',
      '<failure>',
      '</failure>',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<!DOCTYPE a [',
      ']>',
      '<?xml',
    ];
    const more = [
      '&amp;',
      '&#xFFFFFF;',
      '&#0;',
      '"',
      "'",
      '=',
      ' ',
      'name',
      '__proto__',
      '<!ENTITY a "b">',
      '\0',
      '\ud800',
    ];
    const piece = fc.oneof(fc.constantFrom(...tags, ...others, ...more), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const results = refused(() => parse(pieces.join('')));
        expect(results === 'refused' || Array.isArray(results)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
