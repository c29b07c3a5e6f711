// The checkout step: the source comes from the server as a tar of a clone, so the image needs no git (C-249, C-250).
import type { CheckoutStep } from '../../../pipelines/config/index.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

export async function checkout(step: CheckoutStep, context: StepContext): Promise<StepResult> {
  const { environment, output, task } = context;
  const path = stepPath(context, step.path ?? '.');
  const there = await environment.stat(path);
  if (there !== undefined && there.kind !== 'directory')
    throw new StepFailure(`${path} exists and is not a directory`);
  if (there !== undefined && (await environment.stat(`${path}/.git`)) === undefined) {
    if ((await environment.listFiles(path)).length > 0) {
      throw new StepFailure(
        `Directory (${path}) you are trying to checkout to is not empty and not a git repository`,
      );
    }
  } else if (there !== undefined) output.log(`Replacing the files of the repository in ${path}\n`);
  output.log('Cloning git repository\n');
  const found = await context.api.source(async ({ body }) => environment.unpack(path, body));
  if (!found) throw new StepFailure('This pipeline has no source repository: there is nothing to check out');
  output.log(
    `Checked out ${task.branch ? `branch ${task.branch} at ` : ''}${task.revision ?? 'the source'} in ${path}\n`,
  );
  return SUCCESS;
}
