// For every limit on the size of a config that can be set: a small value of it, and a config that meets this limit and no
// other one when all of them are this small.
import type { CompileLimits } from './config.types.js';

interface LimitCase {
  value: number;
  source: string;
  /** The message up to the name of the limit. */
  message: string;
}

const many = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('');
const job = 'machine: true, steps: [checkout]';
const head = 'version: 2.1\n';
const matrix = (count: number): string => `[${many(count, (i) => `${i}, `)}]`;

export const limitCases = {
  sourceLength: {
    value: 20_000,
    source: `${head}jobs: {build: {${job}}}\n#${'x'.repeat(20_000)}\n`,
    message: 'The config is too large: it has more than 20000 characters',
  },
  nodes: {
    value: 200,
    source: `${head}jobs: {build: {${job}}}\nx: &x [a, b, c, d]\n${many(50, (i) => `x${i}: *x\n`)}`,
    message: 'The config is too large: it has more than 200 values after its aliases are expanded',
  },
  depth: {
    value: 20,
    source: `${head}jobs: {build: {${job}}}\nx: ${'['.repeat(25)}${']'.repeat(25)}\n`,
    message: 'The config is nested too deeply: it has more than 20 levels',
  },
  evaluatedNodes: {
    value: 300,
    source: `${head}commands:
  c0: {steps: [{when: {condition: false, steps: [checkout]}}]}
${many(10, (i) => `  c${i + 1}: {steps: [c${i}, c${i}]}\n`)}jobs: {build: {machine: true, steps: [c10]}}\n`,
    message: 'The config is too large: it has more than 300 values after its templates are evaluated',
  },
  evaluatedCharacters: {
    value: 2_000,
    source: `${head}commands:
  c0: {parameters: {t: {type: string}}, steps: [{run: "<< parameters.t >>"}]}
${many(
  8,
  (i) =>
    `  c${i + 1}: {parameters: {t: {type: string}}, steps: [c${i}: {t: "<< parameters.t >><< parameters.t >>"}]}\n`,
)}jobs: {build: {machine: true, steps: [c8: {t: "xxxxxxxxxxxxxxxx"}]}}\n`,
    message: 'The config is too large: it has more than 2000 characters after its templates are evaluated',
  },
  compiledLength: {
    value: 3_000,
    source: `${head}jobs: {build: {parameters: {n: {type: integer}}, machine: true, steps: [run: ${'x'.repeat(1_000)}]}}
workflows: {w: {jobs: [build: {matrix: {parameters: {n: ${matrix(5)}}}}]}}\n`,
    message: 'The config is too large: it has more than 3000 characters when it is compiled',
  },
  steps: {
    value: 20,
    source: `${head}jobs: {build: {machine: true, steps: [${'checkout, '.repeat(25)}]}}\n`,
    message: 'The config is too large: it has more than 20 steps',
  },
  jobs: {
    value: 10,
    source: `${head}jobs: {build: {parameters: {n: {type: integer}}, ${job}}}
workflows: {w: {jobs: [build: {matrix: {parameters: {n: ${matrix(12)}}}}]}}\n`,
    message: 'The config is too large: it has more than 10 jobs',
  },
  orbs: {
    value: 2,
    source: `${head}orbs: {a: {jobs: {j: {${job}}}}, b: {jobs: {j: {${job}}}}, c: {jobs: {j: {${job}}}}}
workflows: {w: {jobs: [a/j, b/j, c/j]}}\n`,
    message: 'The config is too large: it has more than 2 orbs',
  },
} as const satisfies Partial<Record<keyof CompileLimits, LimitCase>>;

export type LimitCaseName = keyof typeof limitCases;

/** All the small values together. */
export const smallLimits = Object.fromEntries(
  Object.entries(limitCases).map(([name, { value }]) => [name, value]),
) as Record<LimitCaseName, number>;
