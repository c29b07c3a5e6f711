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
    ['{{ if eq .Branch "main" }}m{{ else }}o{{ end }}-x', 'm-x'],
    [
      '{{ if eq .Branch "dev" "stage" }}a{{ else if .Revision }}b{{ else if .BuildNum }}c{{ else }}d{{ end }}',
      'c',
    ],
    ['{{ if .Environment.NAME }}{{ if .Environment.NONE }}x{{ end }}y{{ end }}', 'y'],
    ['{{ with .Environment.NAME }}<{{ . }} {{ $.Branch }}>{{ else }}none{{ end }}', '<it main>'],
    ['{{ with .Environment }}{{ .NAME }}{{ end }}{{ with .Revision }}x{{ else }}-{{ end }}', 'it-'],
    ['{{ $b := printf "%s-%03d|%q|%v%%" .Branch 7 "q" true }}{{ $b }}', 'main-007|"q"|true%'],
    ['{{ $x := "a" }}{{ if true }}{{ $x }}{{ $x = "b" }}{{ $y := 1 }}{{ end }}{{ $x }}', 'ab'],
    [
      '{{ or .Revision .Branch }} {{ and .Branch .BuildNum }} {{ not .Revision }} {{ len .Branch }}',
      'main 43 true 4',
    ],
    ['{{ or .Branch (checksum "missing") }}{{ if and .Revision (checksum "missing") }}x{{ end }}', 'main'],
    [
      '{{ print "a" 1 2 "b" }}{{ index .Environment "NAME" }}{{ if lt 1 2 }}<{{ end }}{{ ne "a" "b" }}',
      'a1 2bit<true',
    ],
    [
      '{{ .Branch | printf "%-6s|" }}{{ printf "%d" }}{{ printf "x" 1 }}',
      'main  |%!d(MISSING)x%!(EXTRA int=1)',
    ],
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
    ['{{ if .Branch }}x', 'template: cacheKey:1: unexpected EOF'],
    ['x{{ end }}', 'template: cacheKey:1: unexpected {{end}}'],
    ['{{ if }}x{{ end }}', 'template: cacheKey:1: missing value for if'],
    ['{{ if .Branch }}{{ else }}{{ else }}{{ end }}', 'template: cacheKey:1: expected end; found {{else}}'],
    ['{{ range .Environment }}{{ end }}', 'template: cacheKey:1: {{range}} is not supported in a cache key'],
    ['{{ $no = 1 }}', 'template: cacheKey:1: undefined variable "$no"'],
    ['{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}', 'template: cacheKey:1: undefined variable "$y"'],
    ['{{ $no }}', 'template: cacheKey:1: undefined variable "$no"'],
    [
      '{{ eq 1 "a" }}',
      'template: cacheKey:1:3: executing "cacheKey" at <eq 1 "a">: error calling eq: incompatible types for comparison',
    ],
    [
      '{{ eq 1 }}',
      'template: cacheKey:1:3: executing "cacheKey" at <eq>: wrong number of args for eq: want at least 2 got 1',
    ],
    [
      '{{ .Nope }}',
      'template: cacheKey:1:3: executing "cacheKey" at <.Nope>: can\'t evaluate field Nope in type cache.KeyData',
    ],
  ])('%s is refused', async (template, message) => {
    await expect(renderTemplate(template, scope)).rejects.toThrow(message);
  });
});
