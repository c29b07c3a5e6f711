// store_artifacts and store_test_results (LANGUAGE C-256, C-257): files go to the server one by one, some at a time.
import { posix } from 'node:path';
import { messageOf } from '../../../platform/errors/errors.js';
import type { StoreArtifactsStep, StoreTestResultsStep } from '../../../pipelines/config/index.js';
import { RefusedError } from '../server/retry.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

const AT_A_TIME = 4;

export async function storeArtifacts(step: StoreArtifactsStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const root = stepPath(context, step.path);
  const destination = artifactName(step.destination ?? step.path);
  output.log(`Uploading ${root} to ${destination || '.'}\n`);
  const files = await environment.listFiles(root);
  if ((await environment.stat(root)) === undefined || files.length === 0) {
    output.log(`  No artifact files found at ${root}\n`);
    return SUCCESS;
  }
  let stored = 0;
  const failed = await inParallel(
    files,
    async (file) => {
      const path = posix.join(root, file);
      const stat = await environment.stat(path);
      // A link to a directory, or to nothing: what it leads to is not under this path.
      if (stat?.kind !== 'file') return output.log(`  Skipped ${path}: not a file\n`);
      const single = file === '' && (step.destination === undefined || !step.destination.endsWith('/'));
      const name = single
        ? destination || posix.basename(root)
        : posix.join(destination, file || posix.basename(root));
      await api.artifact(name, () => environment.readFile(path));
      stored++;
    },
    context,
  );
  output.log(`  ${stored} ${stored === 1 ? 'file' : 'files'} uploaded\n`);
  if (failed > 0) throw new StepFailure(`${failed} of ${files.length} artifact files could not be uploaded`);
  return SUCCESS;
}

export async function storeTestResults(
  step: StoreTestResultsStep,
  context: StepContext,
): Promise<StepResult> {
  const { api, environment, output } = context;
  const root = stepPath(context, step.path);
  output.log(`Archiving the following test results\n  * ${root}\n`);
  const found = await environment.stat(root);
  if (found === undefined) {
    output.log(`Unable to save test results from ${root}: no such file or directory\n`);
    return SUCCESS;
  }
  if (found.kind === 'directory' && posix.basename(root).startsWith('.')) {
    output.log(`Unable to save test results from ${root}: it is a hidden directory\n`);
    return SUCCESS;
  }
  const files = (await environment.listFiles(root)).filter(
    (file) => file === '' || /\.(xml|json)$/i.test(file),
  );
  if (files.length === 0) output.log(`No test reports (.xml, .json) found in ${root}\n`);
  const failed = await inParallel(
    files,
    async (file) => {
      const path = posix.join(root, file);
      if ((await environment.stat(path))?.kind !== 'file') return;
      await api.testResult(context.index, file || posix.basename(root), () => environment.readFile(path));
    },
    context,
  );
  if (failed > 0) throw new StepFailure(`${failed} of ${files.length} test reports could not be uploaded`);
  return SUCCESS;
}

/** The prefix that artifacts get: the path as written, without what means "here" or "from the top". */
function artifactName(path: string): string {
  const name = posix
    .normalize(path)
    .replace(/^(\.\.?\/|\/)+/, '')
    .replace(/\/$/, '');
  return name === '.' || name === '..' ? '' : name;
}

/** Runs the task for every file, a few at once; logs those that the server refused and gives their number. */
async function inParallel(
  files: string[],
  task: (file: string) => Promise<void>,
  { output, signal }: StepContext,
): Promise<number> {
  const left = [...files];
  let failed = 0;
  const worker = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      signal.throwIfAborted();
      try {
        await task(file);
      } catch (error) {
        if (!(error instanceof RefusedError) && (error as Error).name !== 'SourceError') throw error;
        failed++;
        output.log(`  Error uploading ${file}: ${messageOf(error)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return failed;
}
