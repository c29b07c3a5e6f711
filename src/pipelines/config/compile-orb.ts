// Checks an orb document as it is published: its shape, what it imports, and that its elements expand (LANGUAGE C-124 to
// C-126, C-136). Never throws.
import type { ConfigProblem, OrbResolver, SizeBounds } from './config.types.js';
import { checkElements } from './expand/orb-elements.js';
import { namespaceOf } from './expand/namespace.js';
import { loadOrbs } from './expand/orbs.js';
import { pipelineVariables, sampleValues } from './pipeline-values.js';
import { ConfigFault, fault, problemsOf } from './problems/fault.js';
import { Budget } from './problems/limits.js';
import { checkPublishedOrb } from './schema/orb.schema.js';
import { problemOfViolation } from './schema/violation.js';
import { textOf } from './yaml/node.js';
import { parseYaml } from './yaml/parse.js';

export interface CompileOrbInput extends SizeBounds {
  source: string;
  orbs: OrbResolver;
}

export type CompileOrbResult =
  | {
      ok: true;
      /** What each of its references means now; to be kept with the version that is published. */
      dependencies: Record<string, string>;
      description?: string;
    }
  | { ok: false; errors: ConfigProblem[] };

export async function compileOrb(input: CompileOrbInput): Promise<CompileOrbResult> {
  try {
    return { ok: true, ...(await run(input)) };
  } catch (error) {
    return { ok: false, errors: problemsOf(error, 'orb') };
  }
}

async function run({ source, orbs, ...bounds }: CompileOrbInput) {
  const budget = Budget.of(bounds);
  const root = parseYaml(source, budget);
  const version = root.kind === 'mapping' ? root.entries.get('version') : undefined;
  if (root.kind !== 'mapping' || version?.kind !== 'scalar' || String(version.value) !== '2.1') {
    throw fault('Unsupported or missing orb version: it must be 2.1', version ?? root);
  }
  const violation = checkPublishedOrb(root);
  if (violation) throw new ConfigFault([problemOfViolation(violation)]);
  const loaded = await loadOrbs(root.entries.get('orbs'), {
    resolver: orbs,
    budget,
    // There is no pipeline yet: references of a published orb are plain.
    variables: () => undefined,
  });
  for (const [reference, resolved] of loaded.dependencies) {
    if (resolved.startsWith('https://'))
      throw fault(
        `A published orb cannot import the URL orb ${reference}: what is there may change`,
        root.entries.get('orbs'),
      );
  }
  checkElements(
    {
      templates: true,
      budget,
      pipeline: pipelineVariables(sampleValues, new Map()),
      executorScopes: new WeakMap(),
      expandedSteps: new WeakSet(),
      declarations: new WeakMap(),
      notRun: [],
    },
    namespaceOf(root, 'orb', loaded.namespaces),
  );
  const description = textOf(root.entries.get('description'));
  return {
    dependencies: Object.fromEntries(loaded.dependencies),
    ...(description !== undefined && { description }),
  };
}
