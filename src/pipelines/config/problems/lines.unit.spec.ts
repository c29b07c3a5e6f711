import { describe, expect, test } from '@jest/globals';
import { errorLines, fullMessage, sourceComment, warningComment } from './lines.js';

const problems = [
  { message: "Error calling job: 'build'\nCannot find it", line: 3, column: 1, hint: 'Did you mean that?' },
  { message: 'Another' },
];

describe('problems as text', () => {
  test('one entry per line, as the API lists errors (C-014)', () => {
    expect(errorLines(problems)).toEqual(["Error calling job: 'build'", 'Cannot find it', 'Another']);
  });

  test('the hint is an extra line for people', () => {
    expect(problems.map(fullMessage)).toEqual([
      "Error calling job: 'build'\nCannot find it\nDid you mean that?",
      'Another',
    ]);
  });

  test('warnings stand above a version 2 config as a comment (C-005)', () => {
    expect(warningComment([{ message: 'ERROR IN CONFIG FILE:\n[#] required key [jobs] not found' }])).toBe(
      [
        '# -------- WARNING ---------',
        '# Your config does not conform to the schema.',
        '# Violations are listed below:',
        '# ',
        '# ERROR IN CONFIG FILE:',
        '# [#] required key [jobs] not found',
        '',
      ].join('\n'),
    );
    expect(warningComment([])).toBe('');
  });

  test('the source is appended as a comment, with quotes and backslashes escaped (C-389)', () => {
    expect(sourceComment('version: 2.1\n\njobs: {a: "b\\n"}\n')).toBe(
      '\n# Original config.yml file:\n# version: 2.1\n# \n# jobs: {a: \\"b\\\\n\\"}\n',
    );
  });
});
