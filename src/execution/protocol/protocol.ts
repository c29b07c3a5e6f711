// The agent protocol (DESIGN D9): JSON over HTTP under /agent/v1, the same over loopback and across machines.
//
//   POST /agent/v1/claim                                 agent token   ClaimRequest -> 200 ClaimedTask | 204 (nothing in time)
//   POST /agent/v1/leaving                               agent token   LeavingNotice -> 204
//   POST /agent/v1/tasks/:id/heartbeat                   task token    HeartbeatRequest -> HeartbeatResponse (a long poll:
//                                                        answers at once when the task is to stop, else after waitSeconds)
//   POST /agent/v1/tasks/:id/report                      task token    TaskReport -> 204; with output -> 200 ReportAck, or 409
//                                                        ReportAck on a gap: nothing but output was taken then
//   POST /agent/v1/tasks/:id/steps/:index/output?offset= task token    bytes -> OutputAck; 409 OutputAck on a gap
//   POST .../steps/:index/output-file?offset=&name=      task token    -> OutputAck; 400 when the server does not take it:
//                                                        for the built-in agent, whose disk the server sees
//   GET  /agent/v1/tasks/:id/source                      task token    -> tar of a clone with .git, at the revision, 404 without VCS
//   GET  /agent/v1/tasks/:id/cache?key=K&key=K2          task token    -> archive, headers x-rotunda-cache-key, -job, -sha256, -paths
//                                                        (percent-encoded; paths as a JSON list) | 404
//   GET  /agent/v1/tasks/:id/cache-exists?key=K          task token    -> 200 { createdAt } | 404
//   PUT  /agent/v1/tasks/:id/cache?key=K                 task token    archive, header x-rotunda-cache-paths -> 201 | 200 (already
//                                                        there; the body is discarded)
//   GET  /agent/v1/tasks/:id/workspace                   task token    -> WorkspaceLayer[] in the order to apply
//   GET  /agent/v1/tasks/:id/workspace/:layerId          task token    -> archive
//   POST /agent/v1/tasks/:id/workspace?step=N            task token    archive -> 201 WorkspaceLayer
//   PUT  /agent/v1/tasks/:id/artifacts?path=P            task token    bytes -> 201 { path, size, sha256 }
//   PUT  /agent/v1/tasks/:id/test-results?step=N&path=P  task token    bytes of one report file -> 201
//   GET  /agent/v1/tasks/:id/test-timings                task token    -> results.json of an earlier run of this job | 404
//   GET  /agent/v1/tasks/:id/failed-tests                task token    -> FailedTests | 404 unless the job runs them again
//
// Archives are tars, compressed with zstd or gzip as the agent can: their first bytes tell. The server keeps them as they are.
// A body that breaks off is never stored.
//
// A task token is good for its task and claim only. 410 from any task call means "this claim is over": the agent kills
// what runs and forgets the task. Any 5xx, a refused or broken connection: try again with back-off, for as long as the
// agent lives; nothing that the server acknowledged is sent again with other content.
import type { JobDefinition } from '../../pipelines/config/index.js';

export interface ClaimRequest {
  /** A UUID that the agent keeps for its lifetime. */
  agentId: string;
  /** Shown to people, e.g. the host name. */
  agentName: string;
  resourceClasses: string[];
  /** What this agent can run: jobs of other executor types are not given to it. */
  executors: ('docker' | 'machine')[];
  /** 0 to 30. */
  waitSeconds: number;
  /** The agent's program, shown to people; these three are missing from agents of earlier versions. */
  version?: string;
  /** Tasks at once. */
  capacity?: number;
  /** Shown to people: whatever the agent's keeper wants to tell agents apart by. */
  labels?: Record<string, string>;
}

/** An agent that takes no more tasks says so: `draining` while it finishes those it has, `gone` when none is left. */
export interface LeavingNotice {
  agentId: string;
  state: 'draining' | 'gone';
}

export interface ClaimedTask {
  taskId: string;
  /** Bearer for every call about this task; secret. */
  taskToken: string;
  /** Seconds until the lease ends unless a heartbeat comes. */
  leaseSeconds: number;
  /** 0-based node of a parallel job. */
  nodeIndex: number;
  nodeTotal: number;
  jobId: string;
  jobName: string;
  jobNumber: number;
  /** Built-in CIRCLE_* variables that the server knows (C-346); the agent adds those of the machine. */
  builtinEnvironment: Record<string, string>;
  /** Project and context variables: values are secret and masked in output (C-344). */
  secretEnvironment: Record<string, string>;
  definition: JobDefinition;
  /** For `.Branch` and `.Revision` of cache keys; absent when the pipeline has none. */
  branch?: string;
  revision?: string;
  /** Most seconds for the whole task. */
  maxRunSeconds: number;
  /** The server takes output in reports. Servers of earlier versions do not: they would drop it. */
  outputInReports?: boolean;
  /** The job is to run only what failed in the job of its name in this workflow. */
  failedTestsOf?: string;
}

/** What failed in an earlier run of a job, over all of its nodes. */
export interface FailedTests {
  workflowId: string;
  /** How many tests that job had. */
  total: number;
  /** One for each failed test. Empty texts where its report did not say. */
  failed: { file: string; classname: string }[];
}

export interface HeartbeatRequest {
  /** How long the server may hold the answer, 0 to 10 s. */
  waitSeconds: number;
}

export interface HeartbeatResponse {
  /** The user canceled the job: kill everything, then report `canceled`. */
  cancel: boolean;
  leaseSeconds: number;
}

export type StepStatus =
  'running' | 'success' | 'failed' | 'canceled' | 'timedout' | 'infrastructure_fail' | 'skipped';

export interface StepReport {
  /** Index in the task, counted from 0 over all steps shown, the agent's own ones ("Spin up environment") included. */
  index: number;
  name: string;
  /** `run`, `checkout`, ... or `spin_up`, `prepare_environment` for the agent's own. */
  type: string;
  /** The command as shown to people; for run steps. */
  command?: string;
  background?: boolean;
  status: StepStatus;
  exitCode?: number;
  /** ISO 8601, by the agent's clock. */
  startedAt: string;
  endedAt?: string;
  /** Final length of the output in bytes, once it is known. */
  outputBytes?: number;
}

export type TaskStatus = 'success' | 'failed' | 'canceled' | 'timedout' | 'infrastructure_fail';

/** Facts since the last report, in order. Idempotent: sending one again changes nothing. */
export interface TaskReport {
  /** Sent once, before the first step runs: from here on the task is never given to another agent. */
  started?: boolean;
  steps: StepReport[];
  /** Bytes that steps printed, at most 1 MiB in all. They are taken before anything else of the report. */
  output?: OutputPart[];
  /** The end: after it the task token is void. Sent when all output is acknowledged. */
  finished?: { status: TaskStatus; message?: string };
}

export interface OutputPart {
  step: number;
  /** Of its first byte in the step's output. */
  offset: number;
  /** In base64. */
  bytes: string;
}

/** The answer to a report with output. */
export interface ReportAck {
  /** False when some output would leave a gap: send the report again, with what the server misses. */
  recorded: boolean;
  /** For each part, in their order. */
  output: OutputAck[];
}

/**
 * Most bytes of one call with output. The server keeps pieces of this size as they are, and copies smaller ones once more
 * when the task has ended.
 */
export const LARGEST_OUTPUT_BYTES = 4 * 1024 * 1024;

export interface OutputAck {
  /** Bytes the server has of this step's output: send on from here. */
  offset: number;
}

export interface WorkspaceLayer {
  id: string;
  workspaceId: string;
  jobId: string;
  jobName: string;
  nodeIndex: number;
  /** Of the step that persisted it. */
  step: number;
  /** Ids of earlier layers whose jobs neither come before this one's job nor after it. */
  concurrentWith: string[];
  size: number;
  sha256: string;
}
