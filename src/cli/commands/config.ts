// `rotunda config`: checks and compiles a config without a server.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CompileInput, CompileResult, ConfigProblem } from '../../pipelines/config/index.js';
import { boundsOfEnvironment } from '../size-bounds.js';
import { collect, parameters } from './project.js';

const ORB_OPTION = '--orb <reference=file>';
const ORB_HELP = 'the text of an orb, e.g. acme/tool@1.2.3=orb.yml; may be given again';

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('the config language, without a server');
  config
    .command('validate')
    .description('check a config; exit 2 when it is wrong')
    .argument('[file]', 'the config', '.circleci/config.yml')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .option(ORB_OPTION, ORB_HELP, collect, [])
    .action(async (file: string, options: Given) => {
      const result = await compileFile(file, options);
      if (!result) return;
      const { problemText } = await import('../../pipelines/config/index.js');
      for (const warning of result.warnings) {
        process.stderr.write(`warning: ${problemText(warning, file)}\n`);
      }
      process.stdout.write(`Config file at ${file} is valid.\n`);
    });
  config
    .command('process')
    .description('print the compiled config; exit 2 when it is wrong')
    .argument('[file]', 'the config', '.circleci/config.yml')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .option(ORB_OPTION, ORB_HELP, collect, [])
    .option('--branch <name>', 'as if on this branch', 'main')
    .option('--tag <name>', 'as if on this tag')
    .option('--json', 'print the job graph, with the place that every step and key comes from')
    .option('--with-source', 'append the config itself as a comment')
    .option('--explain', 'print which workflows and jobs do not run, and why')
    .action(processConfig);
  config
    .command('schema')
    .description('print the JSON Schema of the config language, for editors')
    .option('--markdown', 'a page that describes every key instead')
    .action(async (options: { markdown?: boolean }) => {
      const { configJsonSchema, configReference } = await import('../../pipelines/config/index.js');
      const schema = () => `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
      process.stdout.write(options.markdown ? configReference() : schema());
    });
}

/** What a config is compiled with. */
interface Given {
  param?: string[];
  orb?: string[];
  branch?: string;
  tag?: string;
}

interface ProcessOptions extends Given {
  branch: string;
  json?: boolean;
  explain?: boolean;
  withSource?: boolean;
}

async function processConfig(file: string, options: ProcessOptions): Promise<void> {
  const { branch, tag, json, explain } = options;
  if (!json && !explain) {
    const compiled = await compileFile(file, options);
    if (!compiled) return;
    const { sourceComment } = await import('../../pipelines/config/index.js');
    const comment = options.withSource ? sourceComment(await readFile(file, 'utf8')) : '';
    process.stdout.write(compiled.yaml + comment);
    return;
  }
  const { compilePipeline, notRunText } = await import('../../pipelines/config/index.js');
  const ref = tag === undefined ? { branch, isDefaultBranch: branch === 'main' } : { tag };
  const result = await withInput(file, options, (input) => compilePipeline({ ...input, ref, origins: json }));
  if (!result.ok) return report(file, result.errors);
  if (explain) for (const reason of result.notRun) process.stdout.write(`${notRunText(reason, file)}\n`);
  if (!json) return;
  const graph = { file, workflows: result.traced, notRun: result.notRun, warnings: result.warnings };
  process.stdout.write(`${JSON.stringify(graph, null, 2)}\n`);
}

async function compileFile(
  file: string,
  given: Given,
): Promise<Extract<CompileResult, { ok: true }> | undefined> {
  const { compile } = await import('../../pipelines/config/index.js');
  const result = await withInput(file, given, compile);
  if (result.ok) return result;
  return report(file, result.errors);
}

async function withInput<T>(
  file: string,
  { param = [], orb = [], branch = 'main', tag }: Given,
  work: (input: CompileInput) => Promise<T>,
): Promise<T> {
  const source = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `there is no file ${file}` : `${file}: ${error.message}`);
  });
  const bounds = boundsOfEnvironment();
  const { LocalOrbs } = await import('../orb/local-orbs.js');
  const orbs = await LocalOrbs.of(orb);
  const values = {
    ...localValues,
    'git.branch': tag === undefined ? branch : '',
    'git.branch.is_default': tag === undefined && branch === 'main',
    'git.tag': tag ?? '',
  };
  try {
    return await work({ ...bounds, source, parameters: parameters(param), values, orbs, fileName: file });
  } finally {
    await orbs.close();
  }
}

async function report(fileName: string, errors: ConfigProblem[]): Promise<undefined> {
  const { problemText } = await import('../../pipelines/config/index.js');
  process.stderr.write(`${errors.map((problem) => problemText(problem, fileName)).join('\n')}\n`);
  process.exitCode = 2;
}

/** Pipeline values as they are where nobody has given any. */
const localValues = {
  id: '00000000-0000-0000-0000-000000000001',
  number: 1,
  'project.git_url': '',
  'project.type': 'git',
  'project.slug': 'git/local/project',
  'git.revision': '0000000000000000000000000000000000000000',
  'git.base_revision': null,
  'trigger.type': 'api',
  trigger_source: 'api',
  'event.name': 'api',
} as const;
