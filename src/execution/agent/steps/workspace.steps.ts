// persist_to_workspace and attach_workspace (LANGUAGE C-273 to C-280).
import { posix } from 'node:path';
import { createGunzip, createGzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { messageOf } from '../../../platform/errors/errors.js';
import type { AttachWorkspaceStep, PersistToWorkspaceStep } from '../../../pipelines/config/index.js';
import { isPattern } from '../files/go-match.js';
import { below } from '../files/paths.js';
import { RefusedError } from '../server/retry.js';
import { size } from './format.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

export async function persistToWorkspace(
  step: PersistToWorkspaceStep,
  context: StepContext,
): Promise<StepResult> {
  const { api, environment, output } = context;
  const root = stepPath(context, step.root);
  if ((await environment.stat(root)) === undefined) {
    throw new StepFailure(`Error locating workspace root directory: stat ${root}: no such file or directory`);
  }
  const paths = await matches(step.paths, root, context);
  if (paths.length === 0) throw new StepFailure(`The specified paths did not match any files in ${root}`);
  output.log('Creating workspace archive...\n');
  const counts = await Promise.all(paths.map((path) => environment.listFiles(posix.join(root, path))));
  const files = counts.reduce((sum, list) => sum + list.length, 0);
  output.log('Uploading workspace archive...\n');
  const layer = await api.persist(context.index, files, async () => {
    return pipeline(await environment.pack(root, paths), createGzip({ level: 1 }), () => undefined);
  });
  output.log(`Persisted ${files} ${files === 1 ? 'file' : 'files'}, ${size(layer.size)} compressed:\n`);
  for (const path of paths) output.log(`  * ${posix.join(root, path)}\n`);
  return SUCCESS;
}

export async function attachWorkspace(step: AttachWorkspaceStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const at = stepPath(context, step.at);
  const layers = await api.workspace();
  output.log('Downloading workspace layers\n');
  for (const layer of layers)
    output.log(`  ${layer.jobName} (${layer.jobId}, node ${layer.nodeIndex}) - ${size(layer.size)}\n`);
  if (layers.length === 0) output.log('  no job before this one persisted anything\n');
  else output.log('Applying workspace layers\n');
  for (const layer of layers) {
    const found = await api.workspaceLayer(layer.id, async ({ body }) => {
      await environment.unpack(
        at,
        pipeline(body, createGunzip(), () => undefined),
      );
    });
    if (!found)
      throw new RefusedError(
        404,
        `Error applying workspace layer for job ${layer.jobId}: it is not stored any more`,
      );
    output.log(`  ${layer.jobId}\n`);
  }
  return SUCCESS;
}

/** Paths below the root that the step names, without those that lie under another one of them. */
async function matches(patterns: string[], root: string, { environment }: StepContext): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    // Some write the whole path; it means the same as long as it is below the root.
    const relative = pattern.startsWith('/')
      ? below(root, posix.normalize(pattern))
      : pattern.replace(/(.)\/+$/, '$1');
    if (relative === undefined) throw new StepFailure(`${pattern} is not below the workspace root ${root}`);
    if (isPattern(relative)) {
      try {
        for (const path of await environment.glob(root, relative)) found.add(path);
      } catch (error) {
        const message = messageOf(error);
        throw message.startsWith('syntax error in pattern') ? new StepFailure(message) : error;
      }
      continue;
    }
    const path = posix.normalize(relative === '' ? '.' : relative);
    if (path === '..' || path.startsWith('../'))
      throw new StepFailure(`${pattern} is not below the workspace root ${root}`);
    if ((await environment.stat(posix.join(root, path))) !== undefined) found.add(path);
  }
  if (found.has('.')) return ['.'];
  const sorted = [...found].sort();
  return sorted.filter((path) => !sorted.some((other) => other !== path && path.startsWith(`${other}/`)));
}
