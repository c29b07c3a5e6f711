// persist_to_workspace and attach_workspace (LANGUAGE C-273 to C-280).
import { posix } from 'node:path';
import { messageOf } from '../../../platform/errors/errors.js';
import type { AttachWorkspaceStep, PersistToWorkspaceStep } from '../../../pipelines/config/index.js';
import type { WorkspaceLayer } from '../../protocol/index.js';
import { ArchiveError, packArchive, unpackArchive } from '../archive/archive.js';
import { isPattern } from '../files/go-match.js';
import { below, outermost } from '../files/paths.js';
import { RefusedError } from '../server/retry.js';
import { decimalSize } from './format.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';
import { WorkspaceConflicts } from './workspace-conflicts.js';

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
  output.log('Creating workspace archive...\nUploading workspace archive...\n');
  let files = 0;
  const layer = await api.persist(context.index, () => {
    files = 0;
    return packArchive(environment, root, paths, (entry) => {
      if (entry.type !== '5') files++;
      return entry;
    });
  });
  output.log(
    `Persisted ${files} ${files === 1 ? 'file' : 'files'}, ${decimalSize(layer.size)} compressed:\n`,
  );
  for (const path of paths) output.log(`  * ${posix.join(root, path)}\n`);
  return SUCCESS;
}

export async function attachWorkspace(step: AttachWorkspaceStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const at = stepPath(context, step.at);
  const layers = await api.workspace();
  output.log('Downloading workspace layers\n');
  for (const layer of layers) output.log(`  ${objectName(layer)} - ${decimalSize(layer.size)}\n`);
  if (layers.length === 0) {
    output.log('  no job before this one persisted anything\n');
    return SUCCESS;
  }
  output.log('Applying workspace layers\n');
  const conflicts = new WorkspaceConflicts(layers);
  for (const layer of layers) {
    const found = await api.workspaceLayer(layer.id, async ({ body }) => {
      const seen = conflicts.begin(layer);
      await unpackArchive(environment, at, body, {
        sha256: layer.sha256,
        onFile: seen,
        onSkipped: (name) => output.log(`Skipped ${name}: not a file\n`),
      }).catch((error: unknown) => {
        throw error instanceof ArchiveError ? notApplied(layer, error.message) : error;
      });
    });
    if (!found) throw notApplied(layer, 'it is not stored any more');
    output.log(`  ${layer.jobId}\n`);
  }
  const problem = conflicts.text();
  if (problem !== undefined) throw new StepFailure(problem);
  return SUCCESS;
}

/** Where the original keeps it: people know layers by these names (C-278). */
function objectName({ workspaceId, jobId, nodeIndex, step }: WorkspaceLayer): string {
  return `workflows/workspaces/${workspaceId}/0/${jobId}/${nodeIndex}/${step}.tar.gz`;
}

function notApplied({ jobId }: WorkspaceLayer, reason: string): RefusedError {
  return new RefusedError(404, `Error applying workspace layer for job ${jobId}: ${reason}`);
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
  return found.has('.') ? ['.'] : outermost([...found]);
}
