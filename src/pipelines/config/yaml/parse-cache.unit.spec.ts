// Texts that are parsed again: the same nodes, as long as the text is the same, and the same of the budget.
import { describe, expect, test } from '@jest/globals';
import { compile } from '../compile.js';
import { outline } from '../outline.js';
import { compilePipeline } from '../pipeline.js';
import { Budget, defaultLimits } from '../problems/limits.js';
import { toPlain } from './node.js';
import { parseYaml } from './parse.js';
import { parseAgain } from './parse-cache.js';

const budget = (nodes = defaultLimits.nodes): Budget => new Budget({ ...defaultLimits, nodes });
const limited = (limits: Partial<typeof defaultLimits>): Budget =>
  new Budget({ ...defaultLimits, ...limits });
/** Maps as the lists of their entries, so that JSON has all of a node. */
const withEntries = (_key: string, value: unknown): unknown =>
  value instanceof Map ? [...(value as Map<unknown, unknown>)] : value;

describe('parseAgain', () => {
  test('gives the nodes of the first time for the same text under the same name', () => {
    const first = parseAgain('a: [1, 2]', budget(), 'acme/one@1.0.0');
    expect(parseAgain('a: [1, 2]', budget(), 'acme/one@1.0.0')).toBe(first);
    expect(first).toMatchObject({ file: 'acme/one@1.0.0', line: 1 });
  });

  test('reads another text under the same name, and the same text under another', () => {
    const first = parseAgain('a: 1', budget(), 'acme/dev@dev:first');
    expect(toPlain(parseAgain('a: 2', budget(), 'acme/dev@dev:first'))).toEqual({ a: 2 });
    expect(parseAgain('a: 1', budget(), 'acme/dev@dev:second')).not.toBe(first);
  });

  test('takes of the budget every time', () => {
    const text = 'a: [1, 2, 3, 4, 5, 6, 7, 8]';
    const used = budget();
    parseAgain(text, used, 'acme/two@1.0.0');
    const once = used.usedOf('nodes');
    expect(once).toBeGreaterThan(8);
    parseAgain(text, used, 'acme/two@1.0.0');
    expect(used.usedOf('nodes')).toBe(2 * once);
    expect(() => parseAgain(text, budget(5), 'acme/two@1.0.0')).toThrow('it has more than 5 values');
  });

  test('the limits on length and depth hold for what is known, too', () => {
    const text = 'a: [[[[1]]]] # of limits';
    const first = parseAgain(text, budget(), 'acme/three@1.0.0');
    const refused = (limits: Partial<typeof defaultLimits>) => () =>
      parseAgain(text, limited(limits), 'acme/three@1.0.0');
    expect(refused({ depth: 3 })).toThrow('more than 3 levels');
    expect(refused({ sourceLength: 10 })).toThrow('more than 10 characters');
    expect(parseAgain(text, budget(), 'acme/three@1.0.0')).toBe(first);
  });

  test('a text with very many nodes is not kept', () => {
    const text = `a: [${'1,'.repeat(100_000)}]`;
    const first = parseAgain(text, budget(), 'acme/many@1.0.0');
    expect(parseAgain(text, budget(), 'acme/many@1.0.0')).not.toBe(first);
  });

  test('the outline of a config is of the nodes that it is compiled from', async () => {
    const source = 'version: 2.1\nsetup: true\njobs: {build: {machine: true, steps: [checkout]}}';
    expect(outline(source, {}, 'config.yml')).toMatchObject({ ok: true, setup: true });
    const nodes = parseAgain(source, budget(), 'config.yml');
    const orbs = { resolve: async () => undefined };
    const input = { source, parameters: {}, values: {}, orbs, fileName: 'config.yml' };
    expect(await compile(input)).toMatchObject({ ok: true });
    expect(parseAgain(source, budget(), 'config.yml')).toBe(nodes);
  });

  test('a text that is no YAML is refused every time', () => {
    for (let i = 0; i < 2; i += 1) {
      expect(() => parseAgain('a: [', budget(), 'acme/broken@1.0.0')).toThrow('Unable to parse YAML');
    }
  });

  test('keeps so many characters: the texts that were used last', () => {
    const text = (i: number): string => `a: ${String(i).padEnd(300_000, 'x')}`;
    const first = parseAgain(text(0), budget(), 'acme/large-0@1.0.0');
    for (let i = 1; i < 6; i += 1) {
      expect(parseAgain(text(0), budget(), 'acme/large-0@1.0.0')).toBe(first);
      parseAgain(text(i), budget(), `acme/large-${i}@1.0.0`);
    }
    const second = parseAgain(text(1), budget(), 'acme/large-1@1.0.0');
    expect(second).toMatchObject({ kind: 'mapping' });
    for (const i of [2, 3, 4]) parseAgain(text(i), budget(), `acme/large-${i}@1.0.0`);
    expect(parseAgain(text(0), budget(), 'acme/large-0@1.0.0')).not.toBe(first);
  });

  test('compiling leaves the nodes of a config and of an orb as they were', async () => {
    const source = `version: 2.1
commands:
  hello: {parameters: {who: {type: string, default: a}}, steps: [{run: "echo << parameters.who >>"}]}
executors: {small: {machine: {image: x, resource_class: large}, environment: {A: 1}}}
jobs: {greet: {parameters: {who: {type: string}}, executor: small, environment: {B: 2}, steps: [{hello: {who: << parameters.who >>}}]}}`;
    const orbs = { resolve: async () => ({ source, resolvedReference: 'acme/shared@1.0.0' }) };
    const config = `version: 2.1
orbs: {o: acme/shared@1}
workflows: {w: {jobs: [o/greet: {matrix: {parameters: {who: [x, y]}}, pre-steps: [o/hello]}]}}`;
    const input = {
      source: config,
      parameters: {},
      values: {},
      orbs,
      ref: { branch: 'main' },
      origins: true,
    };
    const before = JSON.stringify(toPlain(parseAgain(source, budget(), 'acme/shared@1.0.0')));
    const first = await compilePipeline(input);
    expect(first).toMatchObject({ ok: true });
    expect(await compilePipeline(input)).toEqual(first);
    expect(JSON.stringify(toPlain(parseAgain(source, budget(), 'acme/shared@1.0.0')))).toBe(before);
    expect(JSON.stringify(parseAgain(config, budget()), withEntries)).toBe(
      JSON.stringify(parseYaml(config, budget()), withEntries),
    );
  });
});
