// What earlier runs of a job say of its tests: how long each took, and which ones failed.
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobFacts } from '../jobs/job.events.js';
import type { FailedTests } from '../protocol/index.js';

/** So many successful runs are looked at for one with test results: a job that never stores any must not cost ever more. */
const RUNS = 20;
const PAGE = 5000;
/** More tests than this no history has. */
const MOST_TESTS = 500_000;

interface ResultRow {
  report_id: string;
  index: number;
  classname: string;
  name: string;
  file: string;
  source: string;
  result: string;
  run_time: number;
  message: string;
}

@Injectable()
export class TestHistory {
  constructor(private readonly database: DataSource) {}

  /**
   * The content of results.json for a job: the test results of the newest successful run of the job of this name in the
   * project, whatever its branch (AGENT ). Undefined when none of the last 20 has any.
   */
  async timingsFor({ projectId, name }: Pick<JobFacts, 'projectId' | 'name'>): Promise<Readable | undefined> {
    const [newest] = await this.database.query<{ id: string }[]>(
      `SELECT id FROM (
         SELECT id, number FROM job WHERE project_id = $1 AND name = $2 AND status = 'success'
         ORDER BY number DESC LIMIT ${RUNS}
       ) recent
       WHERE EXISTS (SELECT 1 FROM test_result t WHERE t.job_id = recent.id)
       ORDER BY number DESC LIMIT 1`,
      [projectId, name],
    );
    return newest && Readable.from(this.resultsJson(newest.id), { objectMode: false });
  }

  /** What failed in the job of a name in a workflow; undefined when no failed test is known. */
  async failedIn(workflowId: string, jobName: string): Promise<FailedTests | undefined> {
    const rows = await this.database.query<{ file: string; classname: string; total: number }[]>(
      `SELECT file, classname, total::int FROM (
         SELECT t.file, t.classname, t.result, count(*) OVER () AS total
         FROM workflow_job j JOIN test_result t ON t.job_id = j.job_id
         WHERE j.workflow_id = $1 AND j.name = $2
       ) tests
       WHERE result = 'failure' ORDER BY file, classname LIMIT ${MOST_TESTS}`,
      [workflowId, jobName],
    );
    if (rows.length === 0) return undefined;
    const failed = rows.map(({ file, classname }) => ({ file, classname }));
    return { workflowId, total: rows[0]!.total, failed };
  }

  /**
   * Whether failed tests of a workflow's jobs can be run again: `none` when no job that did not succeed has a failed test with
   * a file or a class, `unread` when that is not certain yet (AGENT A-068).
   */
  async rerunnable(workflowId: string): Promise<'some' | 'none' | 'unread'> {
    const jobs = `FROM workflow_job w JOIN job j ON j.id = w.job_id AND j.status <> 'success'`;
    const [answer] = await this.database.query<{ some: boolean; unread: boolean }[]>(
      `SELECT
         EXISTS (SELECT 1 ${jobs} JOIN test_result t ON t.job_id = j.id
           WHERE w.workflow_id = $1 AND t.result = 'failure' AND (t.file <> '' OR t.classname <> '')) AS some,
         EXISTS (SELECT 1 ${jobs} JOIN test_report r ON r.job_id = j.id
           WHERE w.workflow_id = $1 AND r.state = 'waiting') AS unread`,
      [workflowId],
    );
    if (answer!.unread) return 'unread';
    return answer!.some ? 'some' : 'none';
  }

  private async *resultsJson(jobId: string): AsyncGenerator<Buffer> {
    let last: [string, number] = ['00000000-0000-0000-0000-000000000000', -1];
    let separator = '{"tests":[';
    for (let count = 0; count < MOST_TESTS;) {
      const rows = await this.database.query<ResultRow[]>(
        `SELECT report_id, index, classname, name, file, source, result, run_time, message FROM test_result
         WHERE job_id = $1 AND (report_id, index) > ($2, $3) ORDER BY report_id, index LIMIT ${PAGE}`,
        [jobId, ...last],
      );
      if (rows.length > 0) yield Buffer.from(separator + rows.map(entryOf).join(','));
      if (rows.length > 0) separator = ',';
      if (rows.length < PAGE) break;
      const { report_id, index } = rows.at(-1)!;
      last = [report_id, index];
      count += rows.length;
    }
    yield Buffer.from(']}\n');
  }
}

function entryOf({ file, classname, name, source, result, run_time, message }: ResultRow): string {
  return JSON.stringify({
    file: file === '' ? null : file,
    classname,
    name,
    source,
    result,
    run_time,
    message,
  });
}
