// save_cache and restore_cache (LANGUAGE C-258 to C-272).
//
// An archive holds paths from the root, so that they come back to where they were. Where the home directory moves from
// task to task (host executor) what lies in it is stored as `~/...`; restoring understands both everywhere.
import { messageOf } from '../../../platform/errors/errors.js';
import type { RestoreCacheStep, SaveCacheStep } from '../../../pipelines/config/index.js';
import { ArchiveError, fromHome, packArchive, toHome, unpackArchive } from '../archive/archive.js';
import { cacheKey } from '../cache-key/cache-key.js';
import { TemplateError } from '../cache-key/template.js';
import { outermost } from '../files/paths.js';
import { RefusedError } from '../server/retry.js';
import type { CachedArchive } from '../server/server-api.js';
import { goTime, size } from './format.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

export async function saveCache(step: SaveCacheStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const key = await cacheKey(step.key, context).catch((error: unknown) => {
    throw error instanceof TemplateError ? new StepFailure(error.message) : error;
  });
  if (await alreadyThere(key, context)) return SUCCESS;
  const paths: string[] = [];
  for (const written of step.paths) {
    const path = stepPath(context, written);
    if (paths.includes(path)) continue;
    if ((await environment.stat(path)) !== undefined) paths.push(path);
    else output.log(`Warning: ${path} does not exist and is not cached\n`);
  }
  if (paths.length === 0) {
    output.log('Skipping cache generation, none of its paths exists\n');
    return SUCCESS;
  }
  output.log('Creating cache archive...\nUploading cache archive...\n');
  const packed = outermost(paths).map((path) => path.slice(1) || '.');
  const rename = environment.homeMoves ? fromHome(environment.home) : undefined;
  try {
    if (!(await api.saveCache(key, paths, () => packArchive(environment, '/', packed, rename)))) {
      // Another job was faster.
      await alreadyThere(key, context);
      return SUCCESS;
    }
  } catch (error) {
    // A job does not fail for a cache that the server would not take: it is a help, not a result.
    if (!(error instanceof RefusedError)) throw error;
    output.log(`Warning: the cache was not stored: ${messageOf(error)}\n`);
    return SUCCESS;
  }
  output.log(`Stored Cache to ${key}\n${listed(paths)}`);
  return SUCCESS;
}

export async function restoreCache(step: RestoreCacheStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const keys: string[] = [];
  for (const template of step.keys) {
    try {
      keys.push(await cacheKey(template, context));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      // Not fatal to the job (C-260); the other keys are still looked for.
      output.log(`${error.message}\n`);
    }
  }
  if (keys.length === 0) return SUCCESS;
  let told = false;
  const found = await api.cache(keys, async (archive) => {
    // A second time after a broken connection.
    if (!told) output.log(foundText(keys, archive));
    told = true;
    await unpackArchive(environment, '/', archive.body, {
      sha256: archive.sha256,
      rename: toHome(environment.home),
      onSkipped: (name) => output.log(`Skipped ${name}: not a file\n`),
    }).catch((error: unknown) => {
      throw error instanceof ArchiveError
        ? new StepFailure(`Error untarring cache: ${error.message}`)
        : error;
    });
  });
  if (!found) output.log(keys.map(missed).join(''));
  return SUCCESS;
}

/** What is printed before a cache is unpacked (C-271), with the keys that had none before it. */
function foundText(keys: readonly string[], archive: CachedArchive): string {
  const hit = keys.findIndex((key) => archive.key.startsWith(key));
  const lines = keys.slice(0, Math.max(0, hit)).map(missed);
  lines.push(`Found a cache from build ${archive.jobNumber ?? '(unknown)'} at ${archive.key}\n`);
  if (archive.size !== undefined) lines.push(`Size: ${size(archive.size)}\n`);
  if (archive.paths.length > 0) lines.push(`Cached paths:\n${listed(archive.paths)}\n`);
  return `${lines.join('')}Downloading cache archive...\nValidating cache...\n\nUnarchiving cache...\n`;
}

/** Says so when there is a cache with this key. */
async function alreadyThere(key: string, { api, output }: StepContext): Promise<boolean> {
  const there = await api.storedCache(key);
  if (there === undefined) return false;
  output.log(`Skipping cache generation, cache already exists for key: ${key}\n`);
  if (there.createdAt !== undefined) output.log(`Found one created at ${goTime(there.createdAt)}\n`);
  return true;
}

function listed(paths: readonly string[]): string {
  return paths.map((path) => `  * ${path}\n`).join('');
}

function missed(key: string): string {
  return `No cache is found for key: ${key}\n`;
}
