// `rotunda demo`: a server with something to see.
import { Option, type Command } from 'commander';
import { interruption } from '../run/interruption.js';
import { UsageProblem } from '../run/usage-problem.js';

interface DemoArguments {
  exit?: boolean;
  executor: 'auto' | 'docker' | 'host';
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('start the server and run the pipeline of a small application on it')
    .option('--exit', 'end with the pipeline, with its status as exit code')
    .addOption(
      new Option('--executor <name>', 'where the jobs run')
        .choices(['auto', 'docker', 'host'])
        .default('auto'),
    )
    .action(demo);
}

async function demo({ exit = false, executor }: DemoArguments): Promise<void> {
  const { signal, release } = interruption();
  try {
    const { runDemo } = await import('../demo/run-demo.js');
    process.exitCode = await runDemo({ exit, executor }, signal);
  } catch (error) {
    if (signal.aborted) process.exitCode = 130;
    else if (error instanceof UsageProblem) {
      process.stderr.write(`rotunda: ${error.message}\n`);
      process.exitCode = 2;
    } else throw error;
  } finally {
    release();
  }
}
