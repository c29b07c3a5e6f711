// An environment with the in-job command in it, for specs: what a job's shell sees of it.
import type { FailedTests } from '../../protocol/index.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { writeAgentFiles } from '../task/agent-files.js';
import type { AgentPlaces } from '../task/variables.js';
import { CallDesk } from './call-desk.js';
import { answerCall } from './commands/index.js';

export interface InJob {
  places: AgentPlaces;
  /** Set to make the job one that runs failed tests again. */
  failed?: FailedTests;
  /** Runs a shell text in the working directory, with stderr in `err`. */
  sh(text: string, environment?: Record<string, string>, shell?: string[]): Promise<Said>;
}

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** Puts the command into an environment, with all that belongs to it. */
export async function inJob(environment: ExecutionEnvironment): Promise<InJob> {
  const base = environment.scratch ?? '/tmp';
  const scratch = `${base}/circleci-43-test`;
  const places: AgentPlaces = {
    ...{ base, scratch, bashEnv: `${base}/.bash_env`, taskData: `${base}/task data` },
    ...{
      tools: `${scratch}/bin`,
      calls: `${scratch}/calls`,
      haltFile: `${scratch}/halt`,
      config: `${scratch}/c`,
    },
  };
  const job: InJob = { places, sh };
  await writeAgentFiles(environment, places);
  const failedTests = () => Promise.resolve(job.failed);
  const now = () => new Date('2026-03-04T05:06:07.089Z');
  new CallDesk(environment, places.calls, (call) =>
    answerCall({ call, environment, failedTests, now }),
  ).open();
  return job;

  async function sh(text: string, more: Record<string, string> = {}, shell = ['/bin/sh']): Promise<Said> {
    const chunks: Buffer[] = [];
    const errors = `${scratch}/stderr`;
    const path = `${environment.baseEnvironment['PATH']}:${places.tools}`;
    const command = await environment.start({
      argv: [...shell, '-c', `exec 2>"$STDERR_FILE"\nunset STDERR_FILE\n${text}`],
      environment: { PATH: path, STDERR_FILE: errors, CIRCLE_INTERNAL_TASK_DATA: places.taskData, ...more },
      cwd: environment.workingDirectory,
      onOutput: (chunk) => void chunks.push(Buffer.from(chunk)),
    });
    const { code } = await command.exit;
    const { stderr } = await environment.readFiles(scratch, 10_000_000);
    return { code, out: Buffer.concat(chunks).toString(), err: String(stderr) };
  }
}
