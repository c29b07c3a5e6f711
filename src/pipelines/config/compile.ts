// The compiler (DESIGN D8): config text in, version-2 style document or a list of problems out. Never throws.
import type { CompiledDocument, CompileInput, CompileResult, ConfigProblem } from './config.types.js';
import type { NotRun } from './explain/reason.types.js';
import { namespaceOf } from './expand/namespace.js';
import { loadOrbs } from './expand/orbs.js';
import type { Compilation } from './expand/scope.js';
import type { Trace } from './origins/trace.js';
import { bindPipelineParameters, pipelineVariables } from './pipeline-values.js';
import { ConfigFault, fault, problemsOf } from './problems/fault.js';
import { warningComment } from './problems/lines.js';
import { hintsOf } from './problems/hints.js';
import { Budget } from './problems/limits.js';
import { checkJobNames } from './schema/job-names.js';
import { checkSchema } from './schema/check.js';
import { evaluateNode } from './template/evaluate.js';
import { assemble, setupOf } from './workflow/assemble.js';
import { RESERVED } from './workflow/entry.js';
import {
  entriesOf,
  isNull,
  mapping,
  scalar,
  toPlain,
  type ConfigNode,
  type MappingNode,
  setPlain,
  type PlainRecord,
  type PlainValue,
} from './yaml/node.js';
import { parseAgain } from './yaml/parse-cache.js';
import { renderYaml } from './yaml/render.js';

/**
 * Stages in the order of LANGUAGE C-017: parse, schema, pipeline parameters, orbs, then workflows with all they use.
 * The time it may take is bounded by the caller (see pool/), its size by `limits`.
 */
export async function compile(input: CompileInput): Promise<CompileResult> {
  const result = await compileNodes(input);
  if (!result.ok) return result;
  const { document, yaml, warnings, notRun } = result;
  return { ok: true, document, yaml, warnings, notRun };
}

export interface CompiledNodes {
  ok: true;
  /** The compiled document; its nodes know where they came from. */
  root: MappingNode;
  /** The same as plain data. */
  document: CompiledDocument;
  yaml: string;
  warnings: ConfigProblem[];
  notRun: NotRun[];
}

/** The same as nodes. With `trace` the way to every step is noted in it. */
export async function compileNodes(
  input: CompileInput,
  trace?: Trace,
): Promise<CompiledNodes | { ok: false; errors: ConfigProblem[] }> {
  const warnings: ConfigProblem[] = [];
  try {
    return { ok: true, ...(await run(input, warnings, trace)), warnings };
  } catch (error) {
    return { ok: false, errors: problemsOf(error) };
  }
}

/** `plainJobs` are jobs whose data was made already. */
function documentOfNodes(
  root: MappingNode,
  plainJobs: ReadonlyMap<ConfigNode, PlainValue>,
): CompiledDocument {
  const result: PlainRecord = {};
  for (const [key, value] of root.entries) setPlain(result, key, key === 'jobs' ? {} : toPlain(value));
  const jobs = result['jobs'] as PlainRecord;
  for (const [name, job] of entriesOf(root.entries.get('jobs'))) {
    setPlain(jobs, name, plainJobs.get(job) ?? toPlain(job));
  }
  return result as unknown as CompiledDocument;
}

async function run(
  input: CompileInput,
  warnings: ConfigProblem[],
  trace: Trace | undefined,
): Promise<Pick<CompiledNodes, 'root' | 'document' | 'yaml' | 'notRun'>> {
  const budget = Budget.of(input);
  const root = parseAgain(input.source, budget, input.fileName);
  const version = versionOf(root);
  if (root.kind !== 'mapping' || version === undefined) {
    const at = root.kind === 'mapping' ? root.entries.get('version') : root;
    throw fault(UNSUPPORTED_VERSION, at);
  }
  const templates = version === '2.1';
  if (!templates) checkWorkflowsVersion(root);
  const violations = checkSchema(root, templates);
  if (templates && violations.length === 0) violations.push(...checkJobNames(root));
  if (templates && violations.length > 0) throw new ConfigFault(violations);
  // What breaks the schema of version 2 runs all the same (C-005).
  warnings.push(...violations);
  const parameters = templates
    ? bindPipelineParameters(root.entries.get('parameters'), input.parameters, input.values, budget)
    : new Map();
  const pipeline = pipelineVariables(input.values, parameters);
  const orbs = await loadOrbs(templates ? root.entries.get('orbs') : undefined, {
    resolver: input.orbs,
    budget,
    variables: pipeline,
  });
  const compilation: Compilation = {
    templates,
    budget,
    pipeline,
    executorScopes: new WeakMap(),
    expandedSteps: new WeakSet(),
    declarations: new WeakMap(),
    notRun: [],
    ...(trace && { trace }),
  };
  const { jobs, workflows, plainJobs } = assemble(
    compilation,
    root,
    namespaceOf(root, 'config', orbs.namespaces),
  );
  const document = documentOf(root, templates, jobs, workflows, (agent) =>
    templates ? evaluateNode(agent, pipeline, budget) : agent,
  );
  const header = orbs.resolved.map(
    (orb) => `# Orb '${orb.reference}' resolved to '${orb.resolvedReference}'\n`,
  );
  const yaml = warningComment(warnings) + header.join('') + renderYaml(document);
  // The original gives no such warnings, so the compiled text has none.
  if (templates) warnings.push(...hintsOf(root, RESERVED));
  return {
    root: document,
    document: documentOfNodes(document, plainJobs),
    yaml,
    notRun: compilation.notRun,
  };
}

const UNSUPPORTED_VERSION = 'Unsupported or missing workflows config version';

/** In version 2 the workflows have a version of their own (C-004). */
function checkWorkflowsVersion(root: MappingNode): void {
  const workflows = root.entries.get('workflows');
  if (isNull(workflows) || versionOf(workflows)) return;
  throw fault(UNSUPPORTED_VERSION, entriesOf(workflows).get('version') ?? workflows);
}

/** `2`, `2.0`, `2.1`, as numbers or strings (C-003). */
function versionOf(node: ConfigNode | undefined): '2' | '2.1' | undefined {
  const version = entriesOf(node).get('version');
  const text = version?.kind === 'scalar' ? String(version.value) : '';
  if (text === '2.1') return '2.1';
  return text === '2' || text === '2.0' ? '2' : undefined;
}

function documentOf(
  root: MappingNode,
  templates: boolean,
  jobs: MappingNode,
  workflows: MappingNode,
  evaluateAgent: (agent: ConfigNode) => ConfigNode,
): MappingNode {
  const document = mapping([['version', scalar(2)]]);
  if (templates && setupOf(root)) document.entries.set('setup', scalar(true));
  const agent = root.entries.get('build_agent');
  if (agent && !isNull(agent)) document.entries.set('build_agent', evaluateAgent(agent));
  document.entries.set('jobs', jobs);
  document.entries.set('workflows', workflows);
  return document;
}
