// Tasks for the agent's tests: short to write, complete.
import { randomUUID } from 'node:crypto';
import type { PlannedStep, RunStep } from '../../../pipelines/config/index.js';
import type { ClaimedTask } from '../../protocol/index.js';
import type { Logger } from '../server/retry.js';

export function run(command: string, more: Partial<RunStep> = {}): RunStep {
  return {
    ...{ type: 'run', name: command, command, when: 'on_success', environment: {}, background: false },
    ...{ noOutputTimeoutSeconds: 600, maxAutoReruns: 0, autoRerunDelaySeconds: 0 },
    ...more,
  } as RunStep;
}

/** A step of any other type, with its name and `when` filled in. */
export function step<T extends PlannedStep['type']>(
  type: T,
  more: Partial<Extract<PlannedStep, { type: T }>>,
): PlannedStep {
  return { type, name: type, when: 'on_success', ...more } as unknown as PlannedStep;
}

export function taskOf(steps: PlannedStep[], more: Partial<ClaimedTask> = {}): ClaimedTask {
  return {
    taskId: randomUUID(),
    taskToken: `token-${randomUUID()}`,
    leaseSeconds: 30,
    ...{ nodeIndex: 0, nodeTotal: 1, jobId: randomUUID(), jobName: 'build', jobNumber: 43 },
    builtinEnvironment: { CI: 'true', CIRCLE_BRANCH: 'main' },
    secretEnvironment: {},
    ...{ branch: 'main', revision: 'f00dfeed', maxRunSeconds: 3600 },
    ...more,
    definition: {
      ...{
        executor: { type: 'machine', dockerLayerCaching: false },
        resourceClass: 'default',
        parallelism: 1,
      },
      ...{ workingDirectory: '~/project', environment: {}, steps },
      ...more.definition,
    },
  };
}

export const quiet: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
