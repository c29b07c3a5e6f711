// From a planned step to the code that does it. Background run steps are the task runner's own business.
import type { PlannedStep } from '../../../pipelines/config/index.js';
import { restoreCache, saveCache } from './cache.steps.js';
import { checkout } from './checkout.step.js';
import { runStep } from './run.step.js';
import { addSshKeys, setupRemoteDocker } from './special.steps.js';
import type { StepContext, StepResult } from './step.js';
import { storeArtifacts, storeTestResults } from './upload.steps.js';
import { attachWorkspace, persistToWorkspace } from './workspace.steps.js';

/** Does one step. Throws StepFailure or RefusedError when it fails with a text, TaskEnded when the task is over. */
export function performStep(step: PlannedStep, context: StepContext): Promise<StepResult> {
  switch (step.type) {
    case 'run':
      return runStep(step, context);
    case 'checkout':
      return checkout(step, context);
    case 'save_cache':
      return saveCache(step, context);
    case 'restore_cache':
      return restoreCache(step, context);
    case 'persist_to_workspace':
      return persistToWorkspace(step, context);
    case 'attach_workspace':
      return attachWorkspace(step, context);
    case 'store_artifacts':
      return storeArtifacts(step, context);
    case 'store_test_results':
      return storeTestResults(step, context);
    case 'setup_remote_docker':
      return setupRemoteDocker(step, context);
    case 'add_ssh_keys':
      return addSshKeys(step, context);
  }
}
