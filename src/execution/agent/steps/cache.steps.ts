// save_cache and restore_cache (LANGUAGE C-258 to C-272).
//
// An archive holds paths from the root, so that they come back to where they were. Where the home directory moves from
// task to task (host executor) what lies in it is stored as `~/...`; restoring understands both everywhere.
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf } from '../../../platform/errors/errors.js';
import type { RestoreCacheStep, SaveCacheStep } from '../../../pipelines/config/index.js';
import { cacheKey } from '../cache-key/cache-key.js';
import { TemplateError } from '../cache-key/template.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { renameInTar } from '../files/tar-rename.js';
import { RefusedError } from '../server/retry.js';
import { size } from './format.js';
import { StepFailure, SUCCESS, stepPath, type StepContext, type StepResult } from './step.js';

export async function saveCache(step: SaveCacheStep, context: StepContext): Promise<StepResult> {
  const { api, environment, output } = context;
  const key = await cacheKey(step.key, context).catch((error: unknown) => {
    throw error instanceof TemplateError ? new StepFailure(error.message) : error;
  });
  if (await api.cacheExists(key)) return alreadyThere(key, context);
  const paths: string[] = [];
  for (const written of step.paths) {
    const path = stepPath(context, written);
    if ((await environment.stat(path)) !== undefined) paths.push(path);
    else output.log(`Warning: ${path} does not exist and is not cached\n`);
  }
  if (paths.length === 0) {
    output.log('Skipping cache generation, none of its paths exists\n');
    return SUCCESS;
  }
  output.log('Creating cache archive...\nUploading cache archive...\n');
  try {
    if (!(await api.saveCache(key, () => archive(environment, paths)))) return alreadyThere(key, context);
  } catch (error) {
    // A job does not fail for a cache that the server would not take: it is a help, not a result.
    if (!(error instanceof RefusedError)) throw error;
    output.log(`Warning: the cache was not stored: ${messageOf(error)}\n`);
    return SUCCESS;
  }
  output.log(`Stored Cache to ${key}\n${paths.map((path) => `  * ${path}\n`).join('')}`);
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
  const found = await api.cache(keys, async ({ headers, body }) => {
    const stored = decodeURIComponent(String(headers['x-rotunda-cache-key'] ?? ''));
    if (!told) {
      const hit = keys.findIndex((key) => stored.startsWith(key));
      for (const key of keys.slice(0, Math.max(0, hit))) output.log(missed(key));
      output.log(
        `Found a cache from build ${String(headers['x-rotunda-cache-job'] ?? '(unknown)')} at ${stored}\n`,
      );
      if (headers['content-length']) output.log(`Size: ${size(Number(headers['content-length']))}\n`);
      output.log('Downloading cache archive...\nUnarchiving cache...\n');
      told = true;
    }
    await environment.unpack(
      '/',
      renameInTar(
        pipeline(body, createGunzip(), () => undefined),
        toHome(environment),
      ),
    );
  });
  if (!found) for (const key of keys) output.log(missed(key));
  return SUCCESS;
}

async function archive(environment: ExecutionEnvironment, paths: string[]): Promise<Readable> {
  const packed = await environment.pack(
    '/',
    paths.map((path) => path.slice(1)),
  );
  const named = environment.homeMoves ? renameInTar(packed, fromHome(environment)) : packed;
  return pipeline(named, createGzip({ level: 1 }), () => undefined);
}

/** `home/of/task/project/x` -> `~/project/x`, also in the targets of links. */
function fromHome({ home }: ExecutionEnvironment) {
  return (name: string, of: 'entry' | 'symlink') => {
    const prefix = of === 'symlink' ? `${home}/` : `${home.slice(1)}/`;
    return name.startsWith(prefix) ? `~/${name.slice(prefix.length)}` : name;
  };
}

function toHome({ home }: ExecutionEnvironment) {
  return (name: string, of: 'entry' | 'symlink') => {
    return name.startsWith('~/') ? `${of === 'symlink' ? home : home.slice(1)}/${name.slice(2)}` : name;
  };
}

function alreadyThere(key: string, { output }: StepContext): StepResult {
  output.log(`Skipping cache generation, cache already exists for key: ${key}\n`);
  return SUCCESS;
}

function missed(key: string): string {
  return `No cache is found for key: ${key}\n`;
}
