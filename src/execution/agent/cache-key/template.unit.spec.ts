// Cache key templates: what they give, and Go's words when they are wrong (LANGUAGE C-259).
import { describe, expect, it } from '@jest/globals';
import { renderTemplate, type TemplateScope } from './template.js';

const scope: TemplateScope = {
  fields: {
    Branch: 'main',
    BuildNum: '43',
    Revision: '',
    Environment: { CIRCLE_NODE_INDEX: '0', NAME: 'it' },
  },
  functions: {
    checksum: {
      arity: 1,
      call: async (path) => {
        if (path === 'missing') throw new Error('open missing: no such file or directory');
        return `sum(${String(path)})`;
      },
    },
    epoch: { arity: 0, call: () => 1700000000 },
    arch: { arity: 0, call: () => 'arch1-linux-amd64-6_85' },
  },
};

describe('renderTemplate', () => {
  it.each([
    ['plain', 'plain'],
    ['v1-{{ .Branch }}-{{ checksum "package.json" }}', 'v1-main-sum(package.json)'],
    ['{{arch}}-{{epoch}}-{{.BuildNum}}', 'arch1-linux-amd64-6_85-1700000000-43'],
    ['{{ .Environment.CIRCLE_NODE_INDEX }}{{ .Environment.NONE }}', '0<no value>'],
    ['{{ checksum `a"b` }}', 'sum(a"b)'],
    ['{{ checksum "a\\tb" }}', 'sum(a\tb)'],
    ['{{ "x" | checksum }}', 'sum(x)'],
    ['{{ checksum (checksum "x") }}', 'sum(sum(x))'],
    ['a {{- .Branch -}} b', 'amainb'],
    ['a{{/* note */}}b', 'ab'],
    ['{{ .Revision }}.', '.'],
    ['a } b }}', 'a } b }}'],
  ])('%s', async (template, expected) => {
    expect(await renderTemplate(template, scope)).toBe(expected);
  });

  it.each([
    ['v1-{{ pom "x" }}', 'template: cacheKey:1: function "pom" not defined'],
    ['v1-{{ .Branch', 'template: cacheKey:1: unclosed action'],
    ['v1-{{ checksum "x }}', 'template: cacheKey:1: unterminated quoted string'],
    ['v1-{{ }}', 'template: cacheKey:1: missing value for command'],
    [
      'v1-composer-deps-{{ checksum "missing" }}',
      'template: cacheKey:1:20: executing "cacheKey" at <checksum "missing">: error calling checksum: open missing: no such file or directory',
    ],
    [
      'a\nb {{ checksum "missing" }}',
      'template: cacheKey:2:5: executing "cacheKey" at <checksum "missing">: error calling checksum: open missing: no such file or directory',
    ],
    [
      '{{ checksum }}',
      'template: cacheKey:1:3: executing "cacheKey" at <checksum>: wrong number of args for checksum: want 1 got 0',
    ],
  ])('%s is refused', async (template, message) => {
    await expect(renderTemplate(template, scope)).rejects.toThrow(message);
  });
});
