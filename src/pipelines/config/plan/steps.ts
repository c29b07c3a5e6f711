// Steps of a compiled job in the form the agent runs (LANGUAGE sections 12 to 16), with their default titles (C-233).
import { fault, type Place } from '../problems/fault.js';
import type { PlannedStep, StepWhen } from './plan.types.js';
import { planRun } from './run-step.js';
import { listOf, recordOf, requiredText, textOf } from './values.js';

interface StepContext {
  options: Record<string, unknown>;
  at: Place;
}
type PlanStep = (context: StepContext) => PlannedStep;

/** Throws a ConfigFault for a step that the runtime does not know, or that lacks what it needs. */
export function planStep(step: unknown, at: Place): PlannedStep {
  const [written, value] =
    typeof step === 'string' ? [step, undefined] : (Object.entries(recordOf(step))[0] ?? []);
  if (written === undefined)
    throw fault(`[${at.pointer ?? '#'}] a step must be a name or a map with one key`, at);
  // Version 2 lets every name through the compiler, and old configs that ran have `restore-cache`.
  const name = written.replaceAll('-', '_');
  const plan = Object.hasOwn(PLANNERS, name) ? PLANNERS[name] : undefined;
  if (!plan) throw fault(`[${at.pointer ?? '#'}] the step ${written} is not known to the runtime`, at);
  // A bare text stands for the one thing that a run step needs.
  const options =
    (name === 'run' || name === 'deploy') && typeof value === 'string' ? { command: value } : value;
  return plan({ options: recordOf(options), at: { pointer: `${at.pointer ?? '#'}/${name}` } });
}

/** Name and condition of a step; `always` is the rule for steps that store what failed steps left (C-231). */
function base({ options, at }: StepContext, title: string, byDefault: StepWhen = 'on_success') {
  return { name: textOf(options.name) ?? title, when: stepWhen(options.when, byDefault, at) };
}

export function stepWhen(value: unknown, byDefault: StepWhen, at: Place): StepWhen {
  if (value === undefined || value === null || value === '') return byDefault;
  if (value === 'on_success' || value === 'on_fail' || value === 'always') return value;
  const known = 'on_success, on_fail, always';
  throw fault(
    `[${at.pointer ?? '#'}] Invalid when condition: expected one of ${known}, found: ${String(value)}`,
    at,
  );
}

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);

function texts(value: unknown): string[] {
  return listOf(value).map((item) => textOf(item) ?? JSON.stringify(item));
}

const NO_SIGNING = 'echo "This server has no signing bundles to install." >&2; exit 1';

const PLANNERS: Readonly<Record<string, PlanStep>> = {
  run: ({ options, at }) => planRun(options, at, stepWhen(options.when, 'on_success', at)),
  deploy: ({ options, at }) => planRun(options, at, stepWhen(options.when, 'on_success', at)),
  checkout: planCheckout,
  save_cache: (context) => ({
    type: 'save_cache',
    ...base(context, 'Saving cache'),
    key: requiredText(context.options, 'key', context.at),
    paths: texts(context.options.paths),
  }),
  restore_cache: (context) => {
    const { key, keys } = context.options;
    const all = [...texts(key), ...texts(keys)];
    if (all.length === 0) throw fault(`[${context.at.pointer}] required key [key] not found`, context.at);
    return { type: 'restore_cache', ...base(context, 'Restoring cache'), keys: all };
  },
  persist_to_workspace: (context) => ({
    type: 'persist_to_workspace',
    ...base(context, 'Persisting to workspace'),
    root: requiredText(context.options, 'root', context.at),
    paths: texts(context.options.paths),
  }),
  attach_workspace: (context) => ({
    type: 'attach_workspace',
    ...base(context, 'Attaching workspace'),
    at: requiredText(context.options, 'at', context.at),
  }),
  store_artifacts: (context) => ({
    type: 'store_artifacts',
    ...base(context, 'Uploading artifacts', 'always'),
    path: requiredText(context.options, 'path', context.at),
    ...optional('destination', textOf(context.options.destination)),
  }),
  store_test_results: (context) => ({
    type: 'store_test_results',
    ...base(context, 'Uploading test results', 'always'),
    path: requiredText(context.options, 'path', context.at),
  }),
  setup_remote_docker: (context) => ({
    type: 'setup_remote_docker',
    ...base(context, 'Setup a remote Docker engine'),
    dockerLayerCaching: context.options.docker_layer_caching === true,
    ...optional('version', textOf(context.options.version)),
  }),
  // There are no bundles on this server; the job says so when it gets there, and other jobs run.
  install_signing_bundle: ({ options, at }) =>
    planRun(
      { name: 'Install signing bundle', ...options, command: NO_SIGNING },
      at,
      stepWhen(options.when, 'on_success', at),
    ),
  add_ssh_keys: (context) => ({
    type: 'add_ssh_keys',
    ...base(context, 'Installing additional SSH keys'),
    fingerprints: texts(context.options.fingerprints),
  }),
};

/** Unknown keys such as `post` are accepted and have no effect (C-370). */
function planCheckout(context: StepContext): PlannedStep {
  const { method, depth, path } = context.options;
  const chosen = method ?? 'blobless';
  if (chosen !== 'blobless' && chosen !== 'full' && chosen !== 'shallow') {
    const list = '  - blobless\n  - full\n  - shallow';
    throw fault(`[${context.at.pointer}/method] Input not a valid enum value\nenum:\n${list}`, context.at);
  }
  if (depth !== undefined && depth !== null && chosen !== 'shallow') {
    throw fault('Checkout depth can only be used with the shallow checkout method', context.at);
  }
  return {
    type: 'checkout',
    ...base(context, 'Checkout code'),
    method: chosen,
    ...optional('path', textOf(path)),
    ...(typeof depth === 'number' && depth >= 1 && { depth: Math.floor(depth) }),
  };
}
