// Follows one pipeline over the API until it has ended, and tells what happens: states of jobs, steps, their output.
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client.js';

export interface WatchedJob {
  id: string;
  workflow: string;
  name: string;
  type: 'build' | 'approval';
  status: string;
  number?: number;
  startedAt?: string;
  stoppedAt?: string;
  /** Name of the newest step, while it runs. */
  step?: string;
  /** It has handed in test reports, which are parsed after it has ended. */
  reports?: boolean;
}

export interface WatchedStep {
  job: WatchedJob;
  /** Which of the parallel runs of the job; undefined when there is one only. */
  node?: number;
  name: string;
  status: string;
  exitCode?: number;
  /** Milliseconds, once it has ended. */
  duration?: number;
}

export interface PipelineListener {
  jobs(jobs: readonly WatchedJob[]): void;
  jobChanged(job: WatchedJob): void;
  stepEnded(step: WatchedStep): void;
  output(step: WatchedStep, text: string): void;
  /** An agent or the server has something to say about a job, e.g. why it could not be run. */
  message(job: WatchedJob, text: string): void;
}

export interface WatchedWorkflow {
  id: string;
  name: string;
  status: string;
}

export interface PipelineOutcome {
  /** `on_hold`: nothing is left to do but approvals. `nothing`: no workflow was to run. */
  status: 'success' | 'failed' | 'errored' | 'canceled' | 'on_hold' | 'nothing';
  errors: string[];
  workflows: WatchedWorkflow[];
  jobs: WatchedJob[];
}

interface WorkflowJob {
  id: string;
  name: string;
  type: 'build' | 'approval';
  status: string;
  started_at: string | null;
  stopped_at: string | null;
  job_number?: number;
}

interface Step {
  index: number;
  name: string;
  type: string;
  status: string;
  exit_code?: number;
  started_at: string;
  ended_at?: string;
}

interface Task {
  node_index: number;
  status: string;
  message?: string;
  steps: Step[];
}

interface Page<Item> {
  items: Item[];
  next_page_token: string | null;
}

const INTERVAL_MS = 200;
/** The read models of jobs and of their steps are made apart from each other: how long the one may be behind. */
const SETTLE_MS = 5_000;
const ENDED_WORKFLOW = new Set(['success', 'failed', 'error', 'canceled', 'not_run', 'unauthorized']);
const UNSTARTED_JOB = new Set(['blocked', 'not_run', 'queued', 'on_hold', 'not_running', 'unauthorized']);
const UNENDED_TASK = new Set(['queued', 'claimed', 'started']);

export class PipelineWatch {
  private readonly jobs = new Map<string, WatchedJob>();
  private readonly readers = new Map<string, StepReader>();
  private readonly read = new Set<string>();
  private readonly said = new Set<string>();

  constructor(
    private readonly client: ApiClient,
    private readonly pipelineId: string,
    private readonly listener: PipelineListener,
  ) {}

  /** Resolves when the pipeline has ended, or nothing but approvals can go on. Throws when `signal` is aborted. */
  async run(signal: AbortSignal): Promise<PipelineOutcome> {
    let expected: { since: number; workflows: number } | undefined;
    for (;;) {
      signal.throwIfAborted();
      const pipeline = await this.client.get<{ state: string; errors: { message: string }[] }>(
        `/api/v2/pipeline/${this.pipelineId}`,
      );
      if (pipeline.state === 'errored')
        return this.outcome(
          'errored',
          [],
          pipeline.errors.map(({ message }) => message),
        );
      if (pipeline.state === 'created') {
        // Only from now on: a setup config has had its workflow already.
        expected ??= { since: performance.now(), workflows: (await this.hadSetup()) ? 2 : 1 };
        const workflows = await this.look(signal);
        const isComplete = workflows.length >= expected.workflows;
        if (isComplete || performance.now() - expected.since > SETTLE_MS) {
          const status = workflows.length > 0 ? this.endStatus(workflows) : 'nothing';
          if (status) return this.outcome(status, workflows);
        }
      }
      if (pipeline.state === 'setup') {
        const workflows = await this.look(signal);
        const status = workflows.length > 0 ? this.endStatus(workflows) : undefined;
        // It may be continued as long as its workflow runs: what was asked before the end is no answer.
        if (status && (await this.isStillSetUp())) return this.outcome(status, workflows);
      }
      await pause(INTERVAL_MS, undefined, { signal });
    }
  }

  private async hadSetup(): Promise<boolean> {
    const path = `/api/v2/pipeline/${this.pipelineId}/config`;
    return 'setup-config' in (await this.client.get<object>(path));
  }

  private async isStillSetUp(): Promise<boolean> {
    const { state } = await this.client.get<{ state: string }>(`/api/v2/pipeline/${this.pipelineId}`);
    return state === 'setup';
  }

  private async look(signal: AbortSignal): Promise<WatchedWorkflow[]> {
    const workflows = await this.all<WatchedWorkflow>(`/api/v2/pipeline/${this.pipelineId}/workflow`);
    workflows.sort((a, b) => a.name.localeCompare(b.name));
    for (const workflow of workflows)
      for (const job of await this.all<WorkflowJob>(`/api/v2/workflow/${workflow.id}/job`))
        this.seen(workflow, job);
    const jobs = [...this.jobs.values()];
    await Promise.all(jobs.map((job) => this.follow(job, signal)));
    this.listener.jobs(jobs);
    return workflows;
  }

  private seen(workflow: WatchedWorkflow, row: WorkflowJob): void {
    const known = this.jobs.get(row.id);
    const job = known ?? { id: row.id, workflow: workflow.name, name: row.name, type: row.type, status: '' };
    const changed = job.status !== row.status;
    job.status = row.status;
    job.number = row.job_number;
    job.startedAt = row.started_at ?? undefined;
    job.stoppedAt = row.stopped_at ?? undefined;
    if (!known) this.jobs.set(row.id, job);
    // The end is told after the last line of output, see follow().
    if (changed && !(job.stoppedAt && job.number !== undefined)) this.listener.jobChanged(job);
  }

  /** Reads on in the steps of a job; once it has ended, until all of them are read. */
  private async follow(job: WatchedJob, signal: AbortSignal): Promise<void> {
    const ended = job.stoppedAt !== undefined;
    if (job.number === undefined || this.read.has(job.id) || (!ended && UNSTARTED_JOB.has(job.status)))
      return;
    const limit = performance.now() + SETTLE_MS;
    for (;;) {
      const settled = await this.readSteps(job);
      if (!ended) return;
      if (settled || performance.now() > limit) break;
      await pause(INTERVAL_MS / 2, undefined, { signal });
    }
    this.read.add(job.id);
    job.step = undefined;
    this.listener.jobChanged(job);
  }

  /** True when every task of the job has ended and its steps are read to their ends. */
  private async readSteps(job: WatchedJob): Promise<boolean> {
    const path = `/api/rotunda/v1/jobs/${job.id}`;
    // A job that ended before any task was made has none.
    const final = job.stoppedAt !== undefined;
    const tasks = await this.client.get<{ items: Task[] }>(`${path}/steps`).then(
      ({ items }) => items,
      () => [] as Task[],
    );
    for (const task of tasks) {
      if (task.message && !this.said.has(`${job.id} ${task.message}`)) {
        this.said.add(`${job.id} ${task.message}`);
        this.listener.message(job, task.message);
      }
      const node = tasks.length > 1 ? task.node_index : undefined;
      job.step = task.steps.findLast((step) => step.status === 'running')?.name ?? job.step;
      for (const step of task.steps) {
        const key = `${job.id}/${task.node_index}/${step.index}`;
        if (step.type === 'store_test_results' && step.status === 'success') job.reports = true;
        let reader = this.readers.get(key);
        if (!reader) this.readers.set(key, (reader = new StepReader(this.client, this.listener)));
        const output = `${path}/tasks/${task.node_index}/steps/${step.index}/output`;
        await reader.readOn(output, { job, node, step, final });
        // The steps after it wait, so that the lines of one step are followed by its end.
        if (step.status !== 'running' && !reader.isTold) break;
      }
    }
    return !tasks.some(
      (task) => UNENDED_TASK.has(task.status) || task.steps.some((step) => step.status === 'running'),
    );
  }

  private endStatus(workflows: WatchedWorkflow[]): PipelineOutcome['status'] | undefined {
    const jobs = [...this.jobs.values()];
    const unread = (job: WatchedJob): boolean => job.number !== undefined && !this.read.has(job.id);
    const open = workflows.filter(({ status }) => !ENDED_WORKFLOW.has(status));
    if (open.length > 0) {
      const waits = open.every(({ status }) => status === 'on_hold' || status === 'failing');
      const idle = jobs.every((job) => !['queued', 'running'].includes(job.status) && !unread(job));
      return waits && idle && jobs.some(({ status }) => status === 'on_hold') ? 'on_hold' : undefined;
    }
    if (jobs.some(unread)) return undefined;
    if (workflows.some(({ status }) => !['success', 'canceled', 'not_run'].includes(status))) return 'failed';
    return workflows.some(({ status }) => status === 'canceled') ? 'canceled' : 'success';
  }

  private outcome(
    status: PipelineOutcome['status'],
    workflows: WatchedWorkflow[],
    errors: string[] = [],
  ): PipelineOutcome {
    return { status, errors, workflows, jobs: [...this.jobs.values()] };
  }

  private all<Item>(path: string): Promise<Item[]> {
    return allPages<Item>(this.client, path);
  }
}

/** One step: what of its output is known, and whether its end was told. */
class StepReader {
  private offset = 0;
  private told = false;
  private readonly decoder = new StringDecoder('utf8');

  constructor(
    private readonly client: ApiClient,
    private readonly listener: PipelineListener,
  ) {}

  get isTold(): boolean {
    return this.told;
  }

  /**
   * The last output of a step may arrive after the news of its end: that is told when a read has brought nothing more,
   * or when the job has ended too (`final`), by which time all of it has arrived.
   */
  async readOn(
    path: string,
    { job, node, step, final }: { job: WatchedJob; node: number | undefined; step: Step; final: boolean },
  ): Promise<void> {
    if (this.told && !final) return;
    const view: WatchedStep = { job, node, name: step.name, status: step.status, exitCode: step.exit_code };
    const bytes = await this.client.bytes(path, this.offset);
    this.offset += bytes.length;
    const text = this.decoder.write(bytes);
    if (text !== '') this.listener.output(view, text);
    if (this.told || step.status === 'running' || (bytes.length > 0 && !final)) return;
    this.told = true;
    if (step.ended_at) view.duration = Date.parse(step.ended_at) - Date.parse(step.started_at);
    this.listener.stepEnded(view);
  }
}

/** Every item of a paged list, at most 100 pages of it. */
export async function allPages<Item>(client: ApiClient, path: string): Promise<Item[]> {
  const items: Item[] = [];
  let token: string | null | undefined;
  for (let page = 0; page < 100 && token !== null; page += 1) {
    const query = token === undefined ? '' : `?page-token=${encodeURIComponent(token)}`;
    const answer = await client.get<Page<Item>>(`${path}${query}`);
    items.push(...answer.items);
    token = answer.next_page_token;
  }
  return items;
}
