import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { parseJUnit } from './parse-junit.js';

const parse = (xml: string) => parseJUnit(Buffer.from(xml));

describe('parseJUnit', () => {
  it('reads nested suites and hands the file of a suite down', () => {
    const results =
      parse(`<?xml version="1.0"?><testsuites><testsuite name="outer" file="a.js"><testsuite name="inner">
      <testcase classname="c" name="one" time="0.5"/></testsuite><testcase name="two" file="b.js"/></testsuite></testsuites>`);
    expect(results).toEqual([
      {
        classname: 'c',
        name: 'one',
        file: 'a.js',
        source: 'unknown',
        result: 'success',
        runTime: 0.5,
        message: '',
      },
      {
        classname: 'outer',
        name: 'two',
        file: 'b.js',
        source: 'unknown',
        result: 'success',
        runTime: 0,
        message: '',
      },
    ]);
  });

  it('reads failures, errors and skips with their texts', () => {
    const results =
      parse(`<testsuite><testcase name="f"><failure message="short">long &lt;text&gt;</failure></testcase>
      <testcase name="e"><error message="boom"/></testcase><testcase name="s"><skipped message="later"/></testcase>
      <testcase name="c"><failure><![CDATA[a <b> c]]></failure></testcase></testsuite>`);
    expect(results.map(({ result, message }) => [result, message])).toEqual([
      ['failure', 'long <text>'],
      ['failure', 'boom'],
      ['skipped', 'later'],
      ['failure', 'a <b> c'],
    ]);
  });

  it.each([
    ['1,234.5', 1234.5],
    ['', 0],
    ['abc', 0],
    ['2', 2],
  ])('reads the time %p as %p seconds', (time, expected) => {
    expect(parse(`<testsuite><testcase name="x" time="${time}"/></testsuite>`)[0]!.runTime).toBe(expected);
  });

  it('reads other encodings, byte order marks and forbidden control characters', () => {
    const latin = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="caf\u00e9"/></testsuite>',
      'latin1',
    );
    expect(parseJUnit(latin)[0]!.name).toBe('caf\u00e9');
    expect(parse('\ufeff<testsuite><testcase name="b"/></testsuite>')[0]!.name).toBe('b');
    expect(
      parse(
        '<testsuite><testcase name="e"><failure>\u001b[31mred\u001b[0m</failure></testcase></testsuite>',
      )[0]!.message,
    ).toBe('[31mred[0m');
  });

  it('finds nothing in an empty report, and refuses what is no XML', () => {
    expect(parse('  \n')).toEqual([]);
    expect(() => parse('not xml')).toThrow(InvalidInputError);
    expect(() => parse('<testsuite><testcase></testsuite>')).toThrow(InvalidInputError);
  });

  it('does not expand entities that a report defines', () => {
    const bomb =
      '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>';
    let name: string | undefined;
    try {
      name = parse(bomb)[0]?.name;
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
    }
    expect(name ?? '').not.toContain('aaaa');
  });

  it('throws nothing but InvalidInputError on any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((s) => Buffer.from(`<testsuite>${s}</testsuite>`)),
        ),
        (bytes) => {
          try {
            parseJUnit(Buffer.from(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
          }
        },
      ),
    );
  });
});
