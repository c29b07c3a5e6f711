// A compiled job as a definition that an agent can run without knowing the config language.
import { fault, FaultList, type Place } from '../problems/fault.js';
import { pointerPart } from '../problems/place.js';
import { planExecutor } from './executor.js';
import type { JobDefinition, PlannedStep } from './plan.types.js';
import { shellOf } from './run-step.js';
import { planStep } from './steps.js';
import { environmentOf, listOf, recordOf, textOf } from './values.js';

/** Throws a ConfigFault with every fault of the job. */
export function planJob(name: string, job: Record<string, unknown>): JobDefinition {
  const at: Place = { pointer: `#/jobs/${pointerPart(name)}` };
  const faults = new FaultList();
  const executor = faults.collect(() => planExecutor(job, at));
  const parallelism = faults.collect(() => planParallelism(job.parallelism, at));
  const cacheRetentionDays = faults.collect(() => planRetention(job.retention, at));
  const steps: PlannedStep[] = [];
  listOf(job.steps).forEach((step, index) => {
    const planned = faults.collect(() => planStep(step, { pointer: `${at.pointer}/steps/${index}` }));
    if (planned) steps.push(planned);
  });
  faults.throwIfAny();
  const shell = shellOf(job.shell);
  return {
    executor: executor!,
    resourceClass: textOf(job.resource_class) || 'default',
    parallelism: parallelism!,
    ...(shell !== undefined && { shell }),
    workingDirectory: textOf(job.working_directory) || '~/project',
    environment: environmentOf(job.environment),
    steps,
    ...(cacheRetentionDays !== undefined && { cacheRetentionDays }),
  };
}

const MOST_RETENTION_DAYS = 15;

/** `7d` in days; the schema lets up to 30 days through, and 15 is the most that there is. */
function planRetention(value: unknown, at: Place): number | undefined {
  const { caches } = recordOf(value);
  if (caches === undefined || caches === null) return undefined;
  const days = /^(\d+)d$/.exec(textOf(caches) ?? '')?.[1];
  if (days !== undefined && Number(days) >= 1 && Number(days) <= MOST_RETENTION_DAYS) return Number(days);
  throw fault('Retention caches duration must be between 1d and 15d', {
    ...at,
    pointer: `${at.pointer}/retention/caches`,
  });
}

function planParallelism(value: unknown, at: Place): number {
  if (value === undefined || value === null) return 1;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1) return number;
  throw fault(
    `[${at.pointer}/parallelism] expected an integer of at least 1, found: ${JSON.stringify(value)}`,
    at,
  );
}
