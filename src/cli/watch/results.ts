// What a pipeline left behind: test results and artifacts of its jobs, and the closing lines that tell of them.
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client.js';
import { elapsed, type Display } from './display.js';
import { allPages, type PipelineOutcome } from './pipeline-watch.js';
import { colourOf, duration, markOf, words } from './text.js';

export interface TestResult {
  job: string;
  classname: string;
  name: string;
  result: string;
  message: string;
}

export interface Artifact {
  job: string;
  path: string;
  url: string;
  nodeIndex: number;
}

export interface Results {
  tests: TestResult[];
  artifacts: Artifact[];
}

const SETTLE_MS = 5_000;

/**
 * Reads the results of a pipeline that has ended. Test reports are parsed after their job has ended: for jobs with an
 * upload of reports this waits up to 5 s for the first results.
 */
export async function resultsOf(client: ApiClient, slug: string, outcome: PipelineOutcome): Promise<Results> {
  const results: Results = { tests: [], artifacts: [] };
  const limit = performance.now() + SETTLE_MS;
  for (const job of outcome.jobs) {
    if (job.number === undefined) continue;
    const tests = (): Promise<Omit<TestResult, 'job'>[]> =>
      allPages(client, `/api/v2/project/${slug}/${job.number}/tests`);
    let found = await tests();
    while (found.length === 0 && job.reports && performance.now() < limit) {
      await pause(100);
      found = await tests();
    }
    results.tests.push(...found.map((test) => ({ ...test, job: job.name })));
    const artifacts = await allPages<{ path: string; url: string; node_index: number }>(
      client,
      `/api/v2/project/${slug}/${job.number}/artifacts`,
    );
    results.artifacts.push(
      ...artifacts.map(({ path, url, node_index }) => ({ job: job.name, path, url, nodeIndex: node_index })),
    );
  }
  return results;
}

/** Jobs with status and time, tests that failed, artifacts. */
export function summarise(
  display: Display,
  outcome: PipelineOutcome,
  { tests, artifacts }: Results,
  placeOf: (artifact: Artifact) => string,
): void {
  const { paint } = display;
  const width = Math.max(0, ...outcome.jobs.map(({ name }) => name.length));
  display.line();
  for (const workflow of outcome.workflows) {
    display.line(
      `${paint('bold', workflow.name)}  ${paint(colourOf(workflow.status), words(workflow.status))}`,
    );
    for (const job of outcome.jobs.filter((one) => one.workflow === workflow.name)) {
      const took = elapsed(job);
      const time = took === undefined ? '' : duration(took);
      const status = paint(colourOf(job.status), `${markOf(job.status)} ${words(job.status).padEnd(12)}`);
      display.line(`  ${job.name.padEnd(width)}  ${status} ${time}`.trimEnd());
    }
  }
  if (tests.length > 0) {
    const failed = tests.filter(({ result }) => ['failure', 'failed', 'error'].includes(result));
    const skipped = tests.filter(({ result }) => result === 'skipped').length;
    const passed = tests.length - failed.length - skipped;
    const counts = [
      `${passed} passed`,
      `${failed.length} failed`,
      ...(skipped ? [`${skipped} skipped`] : []),
    ];
    display.line(`${paint('bold', 'tests')}  ${paint(failed.length ? 'red' : 'green', counts.join(', '))}`);
    for (const { job, classname, name, message } of failed.slice(0, 20)) {
      const where = [classname, name].filter((part) => part !== '').join(' > ');
      display.line(`  ${paint('red', '✗')} [${job}] ${where}${message ? `: ${message.split('\n')[0]}` : ''}`);
    }
  }
  if (artifacts.length > 0) {
    display.line(paint('bold', 'artifacts'));
    for (const artifact of artifacts) display.line(`  [${artifact.job}] ${placeOf(artifact)}`);
  }
}
