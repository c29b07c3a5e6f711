// What must hold for every text whatsoever that is given to the compiler.
import { isDeepStrictEqual } from 'node:util';
import type {
  CompilerPool,
  ConfigProblem,
  OrbResolver,
  PipelineResult,
} from '../../../src/pipelines/config/index.js';
import { notRunText, problemText } from '../../../src/pipelines/config/index.js';

export interface Sample {
  source: string;
  orbs: OrbResolver;
}

export interface Finding {
  kind: 'failure' | 'time' | 'memory' | 'empty message' | 'place' | 'not stable' | 'large' | 'reason';
  detail: string;
}

export interface Checked {
  ok: boolean;
  finding?: Finding;
}

/** Characters of a result: it is stored, sent and shown. */
const LARGEST_RESULT = 100_000_000;

export async function check(pool: CompilerPool, { source, orbs }: Sample): Promise<Checked> {
  const result = await pipeline(pool, source, orbs);
  const finding = result.ok ? await checkCompiled(pool, result) : checkProblems(result.errors);
  return { ok: result.ok, ...(finding && { finding }) };
}

function pipeline(pool: CompilerPool, source: string, orbs: OrbResolver): Promise<PipelineResult> {
  const values = { 'git.branch': 'main', 'git.branch.is_default': true, number: 7, id: 'i' };
  const input = { source, parameters: {}, values, orbs, fileName: 'config.yml' };
  return pool.pipeline({ ...input, ref: { branch: 'main', isDefaultBranch: true }, origins: true });
}

function checkProblems(errors: readonly ConfigProblem[]): Finding | undefined {
  if (errors.length === 0) return { kind: 'empty message', detail: 'refused without a problem' };
  for (const problem of errors) {
    const { message, line, column } = problem;
    if (message.trim() === '') return { kind: 'empty message', detail: JSON.stringify(problem) };
    if (/took longer than/.test(message)) return { kind: 'time', detail: message };
    if (/needs more than \d+ MB/.test(message)) return { kind: 'memory', detail: message };
    // What is not a fault of the config has this wording.
    if (/could not be (compiled|planned): /.test(message)) return { kind: 'failure', detail: message };
    if ((line !== undefined && line < 1) || (column !== undefined && column < 1)) {
      return { kind: 'place', detail: problemText(problem, 'config.yml') };
    }
  }
  return undefined;
}

async function checkCompiled(
  pool: CompilerPool,
  first: PipelineResult & { ok: true },
): Promise<Finding | undefined> {
  if (JSON.stringify(first).length > LARGEST_RESULT)
    return { kind: 'large', detail: 'the result is too large' };
  for (const notRun of first.notRun) {
    if (notRun.reasons.length === 0 || /undefined|\[object/.test(notRunText(notRun, 'config.yml'))) {
      return { kind: 'reason', detail: JSON.stringify(notRun) };
    }
  }
  const again = await pipeline(pool, first.yaml, { resolve: async () => undefined });
  if (!again.ok) {
    return { kind: 'not stable', detail: `what was compiled is refused: ${again.errors[0]?.message}` };
  }
  // What a setup config is has no meaning in version 2.
  const withoutSetup = (yaml: string): string => yaml.replace(/^(#.*\n)+/, '').replace(/^setup: true\n/m, '');
  if (withoutSetup(again.yaml) !== withoutSetup(first.yaml)) {
    return {
      kind: 'not stable',
      detail: firstDifference(withoutSetup(first.yaml), withoutSetup(again.yaml)),
    };
  }
  return isDeepStrictEqual(again.workflows, first.workflows)
    ? undefined
    : { kind: 'not stable', detail: 'the compiled text is planned otherwise than what it was made of' };
}

function firstDifference(first: string, second: string): string {
  const [a, b] = [first.split('\n'), second.split('\n')];
  const line = a.findIndex((text, index) => text !== b[index]);
  return `line ${line + 1}: ${JSON.stringify(a[line])} becomes ${JSON.stringify(b[line])}`;
}
