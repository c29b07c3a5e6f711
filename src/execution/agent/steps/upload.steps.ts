// store_artifacts and store_test_results (LANGUAGE C-256, C-257): files go to the server one by one, some at a time.
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { StoreArtifactsStep, StoreTestResultsStep } from '../../../pipelines/config/index.js';
import { isPattern } from '../files/go-match.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';
import { uploadFiles, type NamedFile } from './upload-files.js';

export async function storeArtifacts(step: StoreArtifactsStep, context: StepContext): Promise<StepResult> {
  const { api, output } = context;
  const root = stepPath(context, step.path);
  output.log(`Uploading ${root} to ${shownDestination(step)}\n`);
  const files = await artifactFiles(step, root, context);
  if (files.length === 0) {
    output.log(`  No artifact files found at ${root}\n`);
    return SUCCESS;
  }
  const upload = ({ name }: NamedFile, content: () => Promise<Readable>) => api.artifact(name, content);
  const { stored, failed } = await uploadFiles(commonRoot(root), files, context, upload, true);
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
  const reports = files.map((file) => ({ path: posix.join(root, file), name: file || posix.basename(root) }));
  const { failed } = await uploadFiles(root, reports, context, ({ name }, content) =>
    api.testResult(context.index, name, content),
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

/** The directory that all matches of a pattern lie under; of a path without one, itself. */
function commonRoot(path: string): string {
  const parts = path.split('/');
  const first = parts.findIndex(isPattern);
  return first < 0 ? path : parts.slice(0, first).join('/') || '/';
}
