// A registry that has every orb: made up from how a config uses it. Used where a real config's orbs are not at hand, to
// see whether the config itself compiles. What is used is declared; types are learnt from what the compiler complains of.
import { compile, errorLines } from '../../../../src/pipelines/config/index.js';
import type { CompileResult, OrbResolver, PipelineValues } from '../../../../src/pipelines/config/index.js';
import { Budget, defaultLimits } from '../../../../src/pipelines/config/problems/limits.js';
import { entriesOf, textOf, type ConfigNode } from '../../../../src/pipelines/config/yaml/node.js';
import { parseYaml } from '../../../../src/pipelines/config/yaml/parse.js';

type Types = Map<string, string>;
/** Parameters by element, and elements by orb reference. */
type Uses = Map<string, Map<string, Types>>;

const RUNTIME = { docker: [{ image: 'cimg/base:current' }] };
/** How often it is compiled again with what was learnt. */
const ROUNDS = 12;

/** Compiles with the orbs that `known` has, and made-up ones for the rest. */
export async function compilePermissively(
  source: string,
  known: OrbResolver,
  values: PipelineValues,
): Promise<CompileResult> {
  const root = parseYaml(source, new Budget(defaultLimits));
  const aliases = new Map(
    [...entriesOf(entriesOf(root).get('orbs'))].flatMap(([name, node]) => {
      const reference = textOf(node);
      return reference === undefined ? [] : [[name, reference] as const];
    }),
  );
  const uses: Uses = new Map();
  collect(root, aliases, uses);
  const orbs: OrbResolver = {
    async resolve(reference) {
      const found = await known.resolve(reference);
      return (
        found ?? { source: JSON.stringify(documentOf(uses.get(reference))), resolvedReference: reference }
      );
    },
  };
  let result = await compile({ source, parameters: {}, values, orbs });
  for (let round = 0; round < ROUNDS && !result.ok; round += 1) {
    if (!learn(errorLines(result.errors), aliases, uses)) break;
    result = await compile({ source, parameters: {}, values, orbs });
  }
  return result;
}

/** Every `orb/name` that the config has anywhere, with the parameters where an executor is given some. */
function collect(node: ConfigNode, aliases: ReadonlyMap<string, string>, uses: Uses): void {
  const use = (text: string, args: readonly string[] = []): void => {
    const [alias = '', name = '', ...more] = text.split('/');
    const reference = aliases.get(alias);
    if (reference === undefined || more.length > 0 || !/^[\w-]+$/.test(name)) return;
    const elements = uses.get(reference) ?? new Map<string, Types>();
    uses.set(reference, elements);
    const types = elements.get(name) ?? new Map<string, string>();
    elements.set(name, types);
    for (const arg of args) types.set(arg, 'string');
  };
  if (node.kind === 'scalar') {
    if (typeof node.value === 'string') use(node.value);
  } else if (node.kind === 'sequence') {
    for (const item of node.items) collect(item, aliases, uses);
  } else {
    const executor = textOf(node.entries.get('name'));
    if (executor !== undefined)
      use(
        executor,
        [...node.entries.keys()].filter((key) => key !== 'name'),
      );
    for (const [key, value] of node.entries) {
      use(key);
      collect(value, aliases, uses);
    }
  }
}

/** The element that is `parameters.TYPE` for all it takes; each name is a command, a job and an executor at once. */
function documentOf(elements: Map<string, Types> | undefined): unknown {
  const all = [...(elements ?? [])].map(([name, types]) => {
    const parameters = Object.fromEntries(
      [...types].map(([key, type]) => [key, { type, default: defaultOf(type) }]),
    );
    return [name, Object.keys(parameters).length > 0 ? { parameters } : {}] as const;
  });
  const each = (more: object): object =>
    Object.fromEntries(all.map(([name, head]) => [name, { ...head, ...more }]));
  const steps = [{ run: 'made up' }];
  return {
    version: 2.1,
    commands: each({ steps }),
    jobs: each({ ...RUNTIME, steps }),
    executors: each(RUNTIME),
  };
}

function defaultOf(type: string): unknown {
  const defaults: Record<string, unknown> = { boolean: false, integer: 0, steps: [], executor: 'x' };
  return defaults[type] ?? '';
}

/** Takes up what was unexpected or of another type; false when there was nothing new. */
function learn(lines: readonly string[], aliases: ReadonlyMap<string, string>, uses: Uses): boolean {
  let element: Types | undefined;
  let learnt = false;
  for (const line of lines) {
    const called = /^Error calling (?:command|job): '([^']+)'$/.exec(line)?.[1];
    if (called !== undefined) {
      const [alias = '', name = ''] = called.split('/');
      element = uses.get(aliases.get(alias) ?? '')?.get(name);
    }
    const unexpected = /^Unexpected argument\(s\): (.*)$/.exec(line)?.[1];
    for (const name of element && unexpected ? unexpected.split(', ') : []) {
      if (!element!.has(name)) learnt = true;
      element!.set(name, 'string');
    }
    const [, name, expected, actual] =
      /^Type error for argument (\S+): expected type: (\S+), actual value: .*\(type (\w+)\)$/s.exec(line) ??
      [];
    const type = typeFor(actual);
    if (
      element &&
      name !== undefined &&
      expected === element.get(name) &&
      type !== undefined &&
      type !== expected
    ) {
      element.set(name, type);
      learnt = true;
    }
  }
  return learnt;
}

function typeFor(actual: string | undefined): string | undefined {
  const types: Record<string, string> = {
    boolean: 'boolean',
    integer: 'integer',
    list: 'steps',
    map: 'executor',
    string: 'string',
  };
  return actual === undefined ? undefined : types[actual];
}
