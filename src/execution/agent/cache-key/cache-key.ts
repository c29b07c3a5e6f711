// Cache keys: the template with what a task knows (LANGUAGE C-259 to C-265, C-269).
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { absolutePath } from '../files/paths.js';
import type { StepContext } from '../steps/step.js';
import { renderTemplate, TemplateError, type Value } from './template.js';

const LONGEST_KEY = 900;

/** The key that a template gives for this task. Throws TemplateError with the whole text for the user. */
export async function cacheKey(template: string, context: StepContext): Promise<string> {
  const { environment, task, variables } = context;
  const checksum = async (name: Value): Promise<string> => {
    const path = absolutePath(String(name), environment.workingDirectory, environment.home);
    if ((await environment.stat(path)) === undefined)
      throw new Error(`open ${path}: no such file or directory`);
    const hash = createHash('sha256');
    for await (const chunk of await environment.readFile(path)) hash.update(chunk as Buffer);
    return hash.digest('base64').replaceAll('/', '_');
  };
  let key: string;
  try {
    key = await renderTemplate(template, {
      fields: {
        Branch: task.branch ?? '',
        BuildNum: String(task.jobNumber),
        Revision: task.revision ?? '',
        CheckoutKey: '',
        Environment: variables.forCacheKey(),
      },
      functions: {
        checksum: { arity: 1, call: checksum },
        epoch: { arity: 0, call: () => Math.floor(context.now().getTime() / 1000) },
        arch: { arity: 0, call: architecture },
      },
    });
  } catch (error) {
    throw error instanceof TemplateError
      ? new TemplateError(`error computing cache key: ${error.message}`)
      : error;
  }
  if (key.length > LONGEST_KEY) {
    throw new TemplateError(
      `error computing cache key: it has ${key.length} characters, more than ${LONGEST_KEY}`,
    );
  }
  return key;
}

/** `arch1-linux-amd64-6_85`: system, architecture, and family and model of the processor where they are known (C-262). */
export async function architecture(): Promise<string> {
  const names: Record<string, string> = { x64: 'amd64', ia32: '386' };
  const info = await readFile('/proc/cpuinfo', 'latin1').catch(() => '');
  const family = /^cpu family\s*:\s*(\d+)$/m.exec(info)?.[1];
  const model = /^model\s*:\s*(\d+)$/m.exec(info)?.[1];
  const processor = family !== undefined && model !== undefined ? `-${family}_${model}` : '';
  return `arch1-${process.platform}-${names[process.arch] ?? process.arch}${processor}`;
}
