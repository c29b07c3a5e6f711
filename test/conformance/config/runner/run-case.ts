// Compiles one case and compares the outcome with what it expects.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import {
  compile,
  compilePipeline,
  errorLines,
  plan,
  storedOrbs,
} from '../../../../src/pipelines/config/index.js';
import type {
  CompileResult,
  ConfigProblem,
  PipelineResult,
  PipelineValues,
  PlanRef,
  PlanResult,
} from '../../../../src/pipelines/config/index.js';
import { CASES, type Case } from './case.js';
import { missingFrom } from './subset.js';

/** What every case starts with. */
export const baseValues = parse(readFileSync(join(CASES, 'values.yml'), 'utf8')) as PipelineValues;

/** What is wrong with the case, or undefined. */
export async function runCase(tried: Case): Promise<string | undefined> {
  const values = Object.fromEntries(
    Object.entries({ ...baseValues, ...tried.values }).filter(([, value]) => value !== null),
  );
  const { config: source, parameters, limits, orbs } = tried;
  const input = { source, parameters, values, limits, orbs: storedOrbs(orbs) };
  const result = await compile(input);
  return (
    compareOutcome(tried, result, values) ??
    (tried.explain &&
      compareReasons(await compilePipeline({ ...input, ref: refOf(values) }), tried.explain)) ??
    (tried.warnings && result.ok
      ? compareLines('warnings', errorLines(result.warnings), tried.warnings)
      : undefined)
  );
}

function compareOutcome(tried: Case, result: CompileResult, values: PipelineValues): string | undefined {
  if (tried.errors) {
    const problems = result.ok ? planErrors(planOf(result, values)) : result.errors;
    return compareLines('errors', errorLines(problems), tried.errors);
  }
  if (!result.ok) return `it does not compile:\n${errorLines(result.errors).join('\n')}`;
  if (tried.compiled !== undefined) {
    return compareLines('compiled', result.yaml.split('\n'), tried.compiled.split('\n'));
  }
  if (tried.plan) {
    const planned = planOf(result, values);
    return planned.ok
      ? missingFrom(planned, tried.plan)
      : `it cannot be planned:\n${errorLines(planned.errors).join('\n')}`;
  }
  return compareDocument(tried, result.document);
}

function planOf(result: CompileResult & { ok: true }, values: PipelineValues): PlanResult {
  return plan(result.document, refOf(values), values);
}

function refOf(values: PipelineValues): PlanRef {
  const [branch, tag] = [values['git.branch'], values['git.tag']];
  return {
    ...(typeof branch === 'string' && branch !== '' && { branch }),
    ...(typeof tag === 'string' && tag !== '' && { tag }),
    isDefaultBranch: values['git.branch.is_default'] === true,
  };
}

/** Each wanted entry must be among those that are given; others may be there, too. */
function compareReasons(result: PipelineResult, wanted: readonly unknown[]): string | undefined {
  if (!result.ok) return `there are no reasons:\n${errorLines(result.errors).join('\n')}`;
  const missing = wanted.filter((one) =>
    result.notRun.every((given) => missingFrom(given, one) !== undefined),
  );
  if (missing.length === 0) return undefined;
  return `reasons that are not given\n  expected ${JSON.stringify(missing)}\n  found    ${JSON.stringify(result.notRun)}`;
}

function planErrors(planned: PlanResult): readonly ConfigProblem[] {
  return planned.ok ? [] : planned.errors;
}

function compareDocument({ document, jobs, workflows }: Case, actual: object): string | undefined {
  const { version, ...rest } = actual as { version: unknown; workflows: Record<string, unknown> };
  const wanted = document ?? { ...rest, ...(jobs && { jobs }), ...(workflows && { workflows }) };
  const found = 'version' in wanted ? { version, ...rest } : rest;
  const { version: _, ...named } = found.workflows;
  const versioned = Object.hasOwn((wanted.workflows ?? {}) as object, 'version');
  const compared = versioned ? found : { ...found, workflows: named };
  const expected = workflows || document ? wanted : { ...wanted, workflows: compared.workflows };
  if (isDeepStrictEqual(plain(compared), plain(expected))) return undefined;
  return `expected ${JSON.stringify(expected, null, 1)}\nfound    ${JSON.stringify(compared, null, 1)}`;
}

/** Without prototypes and the like, which are not part of the data. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function compareLines(what: string, found: readonly string[], wanted: readonly string[]): string | undefined {
  if (isDeepStrictEqual(found, wanted)) return undefined;
  const list = (all: readonly string[]): string => all.map((line) => `    ${line}\n`).join('');
  return `${what} differ\n  expected\n${list(wanted)}  found\n${list(found)}`;
}
