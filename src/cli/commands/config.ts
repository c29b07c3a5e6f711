// `rotunda config`: checks and compiles a config without a server.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CompileResult, ConfigProblem } from '../../pipelines/config/index.js';
import { collect, parameters } from './project.js';

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('the config language, without a server');
  config
    .command('validate')
    .description('check a config; exit 2 when it is wrong')
    .argument('[file]', 'the config', '.circleci/config.yml')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .action(async (file: string, options: { param?: string[] }) => {
      const result = await compileFile(file, options.param ?? []);
      if (result) process.stdout.write(`Config file at ${file} is valid.\n`);
    });
  config
    .command('process')
    .description('print the compiled config; exit 2 when it is wrong')
    .argument('[file]', 'the config', '.circleci/config.yml')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .action(async (file: string, options: { param?: string[] }) => {
      const result = await compileFile(file, options.param ?? []);
      if (result) process.stdout.write(result.yaml);
    });
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

async function compileFile(
  file: string,
  params: string[],
): Promise<Extract<CompileResult, { ok: true }> | undefined> {
  const source = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `there is no file ${file}` : `${file}: ${error.message}`);
  });
  const { compile } = await import('../../pipelines/config/index.js');
  const result = await compile({
    source,
    parameters: parameters(params),
    values: localValues,
    orbs: { resolve: async () => undefined },
    fileName: file,
  });
  if (result.ok) return result;
  process.stderr.write(`${result.errors.map((problem) => describe(file, problem)).join('\n')}\n`);
  process.exitCode = 2;
  return undefined;
}

function describe(file: string, { message, hint, line, column }: ConfigProblem): string {
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return line === undefined ? `${file}: ${text}` : `${file}:${line}:${column ?? 1}: ${text}`;
}

/** Pipeline values as they are on a branch that nobody has named. */
const localValues = {
  id: '00000000-0000-0000-0000-000000000001',
  number: 1,
  'project.git_url': '',
  'project.type': 'git',
  'project.slug': 'git/local/project',
  'git.tag': '',
  'git.branch': 'main',
  'git.branch.is_default': true,
  'git.revision': '0000000000000000000000000000000000000000',
  'git.base_revision': '',
  'trigger.type': 'api',
  trigger_source: 'api',
  'event.name': 'api',
} as const;
