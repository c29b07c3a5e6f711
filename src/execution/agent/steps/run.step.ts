// The run step: a script given to a shell (LANGUAGE C-235 to C-246).
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../platform/errors/errors.js';
import type { RunStep } from '../../../pipelines/config/index.js';
import type { RunningCommand } from '../executors/executor.port.js';
import { Pause } from '../pause.js';
import { goDuration } from './format.js';
import { shellWords } from './shell-words.js';
import { StepFailure, stepPath, type StepContext, type StepResult } from './step.js';

/** How long a killed command may take to be gone before the step is ended without it, in ms. */
const KILL_LIMIT_MS = 10_000;

/** Runs the step to its end, reruns included. Throws StepFailure, or the signal's reason when the task ended. */
export async function runStep(step: RunStep, context: StepContext): Promise<StepResult> {
  for (let run = 0; ; run++) {
    const result = await runOnce(step, context);
    if (result.status === 'success' || run >= step.maxAutoReruns) return result;
    const delay = step.autoRerunDelaySeconds;
    const when = delay > 0 ? `in ${goDuration(delay)}` : 'now';
    context.output.log(
      `\nThe step failed and is run again ${when} (rerun ${run + 1} of ${step.maxAutoReruns}).\n\n`,
    );
    if (delay > 0) await sleep(delay * 1000, undefined, { signal: context.signal }).catch(() => undefined);
    context.signal.throwIfAborted();
  }
}

/** Starts the step's command; its output goes to the step's log. Throws StepFailure when it cannot start. */
export async function startCommand(step: RunStep, context: StepContext): Promise<RunningCommand> {
  const { environment, output, places, variables } = context;
  const shell = step.shell ?? context.shell;
  output.log(`#!${shell}\n${step.command.replace(/\n$/, '')}\n`);
  const script = `${places.scratch}/step-${context.index}.sh`;
  const cwd = stepPath(context, step.workingDirectory ?? '.');
  try {
    await environment.mkdir(cwd);
  } catch (error) {
    throw new StepFailure(
      `cannot make the working directory ${step.workingDirectory ?? cwd}: ${messageOf(error)}`,
    );
  }
  await environment.writeFile(script, step.command, 0o755);
  try {
    return await environment.start({
      argv: [...shellWords(shell), script],
      environment: variables.forStep(step.environment),
      cwd,
      onOutput: (chunk) => output.write(chunk),
    });
  } catch (error) {
    throw new StepFailure(`cannot start ${shell}: ${messageOf(error)}`);
  }
}

async function runOnce(step: RunStep, context: StepContext): Promise<StepResult> {
  const { output, signal } = context;
  const command = await startCommand(step, context);
  output.lastWrite = performance.now();
  const end = await firstOf(command, context, step.noOutputTimeoutSeconds * 1000);
  if (end === 'aborted') {
    await killed(command);
    throw signal.reason;
  }
  if (end === 'silent') {
    const limit = goDuration(step.noOutputTimeoutSeconds);
    await killed(command);
    output.log(`\nToo long with no output (exceeded ${limit}): context deadline exceeded\n`);
    return { status: 'timedout' };
  }
  signal.throwIfAborted();
  if (end.code === 0) return { status: 'success', exitCode: 0 };
  output.log(failureTail(end.code));
  return { status: 'failed', exitCode: end.code };
}

/** The last lines of a failed step (C-245). */
export function failureTail(code: number): string {
  return `\nExited with code exit status ${code}\nCircleCI received exit code ${code}\n`;
}

async function killed(command: RunningCommand): Promise<void> {
  const limit = new Pause();
  await Promise.race([command.kill().catch(() => undefined), limit.wait(KILL_LIMIT_MS)]);
  limit.hurry();
}

/** What comes first: the end of the command, that of the task, or that nothing was printed for `silenceMs`. */
function firstOf(
  command: RunningCommand,
  { output, signal }: StepContext,
  silenceMs: number,
): Promise<{ code: number } | 'aborted' | 'silent'> {
  let timer: NodeJS.Timeout | undefined;
  let abort: () => void = () => undefined;
  return new Promise<{ code: number } | 'aborted' | 'silent'>((resolve, reject) => {
    abort = () => resolve('aborted');
    const look = () => {
      const left = output.lastWrite + silenceMs - performance.now();
      if (left <= 0) resolve('silent');
      else timer = setTimeout(look, Math.min(left + 1, 2 ** 31 - 1));
    };
    command.exit.then(resolve, reject);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    look();
  }).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  });
}
