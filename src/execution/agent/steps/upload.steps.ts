// store_artifacts and store_test_results (LANGUAGE C-256, C-257): files go to the server one by one, some at a time.
import { posix } from 'node:path';
import { messageOf } from '../../../platform/errors/errors.js';
import type { StoreArtifactsStep, StoreTestResultsStep } from '../../../pipelines/config/index.js';
import { isPattern } from '../files/go-match.js';
import { RefusedError } from '../server/retry.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

const AT_A_TIME = 4;

/** One file to upload: where it is and what people find it under. */
interface NamedFile {
  path: string;
  name: string;
}

export async function storeArtifacts(step: StoreArtifactsStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const root = stepPath(context, step.path);
  output.log(`Uploading ${root} to ${shownDestination(step)}\n`);
  const files = await artifactFiles(step, root, context);
  if (files.length === 0) {
    output.log(`  No artifact files found at ${root}\n`);
    return SUCCESS;
  }
  let stored = 0;
  const failed = await inParallel(
    files,
    async ({ path, name }) => {
      // A link to a directory, or to nothing: what it leads to is not under this path.
      if ((await environment.stat(path))?.kind !== 'file')
        return output.log(`  Skipped ${path}: not a file\n`);
      await api.artifact(name, () => environment.readFile(path));
      stored++;
    },
    context,
  );
  output.log(`  ${stored} ${stored === 1 ? 'file' : 'files'} uploaded\n`);
  if (failed > 0) throw new StepFailure(`${failed} of ${files.length} artifact files could not be uploaded`);
  return SUCCESS;
}

/**
 * What a step stores: the files under its path, or the file there. A path that is not there and has `*`, `?` or `[` is
 * taken for a Go pattern. The original knows no patterns and stores nothing then.
 */
async function artifactFiles(
  { path: written, destination }: StoreArtifactsStep,
  root: string,
  { environment }: StepContext,
): Promise<NamedFile[]> {
  const prefix = artifactName(destination ?? written);
  const under = async (path: string, name: string): Promise<NamedFile[]> =>
    (await environment.listFiles(path)).map((file) => ({
      path: posix.join(path, file),
      name: posix.join(name, file),
    }));
  const there = await environment.stat(root);
  if (there?.kind === 'file') {
    // A destination that ends in a slash is a directory.
    const name = destination?.endsWith('/') ? posix.join(prefix, posix.basename(root)) : prefix;
    return [{ path: root, name: name || posix.basename(root) }];
  }
  if (there !== undefined) return under(root, prefix);
  if (!isPattern(written)) return [];
  const parts = root.split('/');
  const first = parts.findIndex(isPattern);
  if (first < 0) return [];
  const fixed = parts.slice(0, first).join('/') || '/';
  const found = await environment.glob(fixed, parts.slice(first).join('/'));
  // Without a destination names are as the path was written.
  const shown = artifactName(written).split('/');
  const start = destination === undefined ? shown.slice(0, shown.findIndex(isPattern)).join('/') : prefix;
  const all: NamedFile[] = [];
  for (const match of found) all.push(...(await under(posix.join(fixed, match), posix.join(start, match))));
  return all;
}

function shownDestination({ path, destination }: StoreArtifactsStep): string {
  return destination || artifactName(path) || '.';
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
    files.map((file) => ({ path: posix.join(root, file), name: file || posix.basename(root) })),
    async ({ path, name }) => {
      if ((await environment.stat(path))?.kind !== 'file') return;
      await api.testResult(context.index, name, () => environment.readFile(path));
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
  files: NamedFile[],
  task: (file: NamedFile) => Promise<void>,
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
        output.log(`  Error uploading ${file.path}: ${messageOf(error)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return failed;
}
