// `rotunda run`: one pipeline of a directory, here and now, without a server.
import { Option, type Command } from 'commander';
import { collect, parameters } from './project.js';
import { interruption } from '../run/interruption.js';
import { UsageProblem } from '../run/usage-problem.js';

interface RunArguments {
  dirty?: boolean;
  workflow?: string;
  job?: string;
  param: string[];
  branch?: string;
  tag?: string;
  executor: 'auto' | 'docker' | 'host';
  artifacts?: string;
  orb: string[];
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description(
      'run the pipeline of a directory here, without a server; exit 0 success, 1 failed, 2 config error',
    )
    .argument('[directory]', 'in a Git repository; its last commit is run', '.')
    .option('--dirty', 'run what is not committed too; ignored files are left out')
    .option('--workflow <name>', 'only this workflow')
    .option('--job <name>', 'only this job and what it requires')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .option('--branch <name>', 'run as if on this branch')
    .option('--tag <name>', 'run as if on this tag')
    .option('--artifacts <directory>', 'keep artifacts here')
    .option(
      '--orb <reference=file>',
      'the text of an orb, e.g. acme/tool@1.2.3=orb.yml; may be given again',
      collect,
      [],
    )
    .addOption(
      new Option('--executor <name>', 'how docker jobs run')
        .choices(['auto', 'docker', 'host'])
        .default('auto'),
    )
    .action(run);
}

async function run(directory: string, options: RunArguments): Promise<void> {
  const { signal, release } = interruption();
  try {
    const { dirty = false, param, ...rest } = options;
    const { runPipeline } = await import('../run/run-pipeline.js');
    const request = { ...rest, directory, dirty, parameters: wellFormed(param) };
    process.exitCode = await runPipeline(request, signal);
  } catch (error) {
    if (signal.aborted) {
      process.stderr.write('rotunda: interrupted\n');
      process.exitCode = 130;
    } else if (error instanceof UsageProblem) {
      process.stderr.write(`rotunda: ${error.message}\n`);
      process.exitCode = 2;
    } else throw error;
  } finally {
    release();
  }
}

function wellFormed(pairs: string[]): ReturnType<typeof parameters> {
  try {
    return parameters(pairs);
  } catch (error) {
    throw new UsageProblem((error as Error).message);
  }
}
