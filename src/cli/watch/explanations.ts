// What of a pipeline did not run, in lines that say why.
import type { ApiClient } from '../client.js';
import { allPages } from './pipeline-watch.js';

interface Explanation {
  outcome: 'errored' | 'not_created' | 'not_run' | 'waiting';
  workflow?: string;
  job?: string;
  reasons: { type: string; message: string; at?: { file?: string; line: number; column: number } }[];
}

/** A line such as `not run: job deploy of workflow main: its filter takes only ...`, or none when everything ran. */
export async function explanationsOf(client: ApiClient, pipelineId: string): Promise<string[]> {
  const all = await allPages<Explanation>(client, `/api/v2/pipeline/${pipelineId}/explain`);
  return all
    .filter(({ outcome }) => outcome === 'not_created' || outcome === 'not_run')
    .map(({ workflow, job, reasons }) => {
      const of = job === undefined || workflow === undefined ? '' : ` of workflow ${workflow}`;
      const what = job === undefined ? `workflow ${workflow}` : `job ${job}${of}`;
      return `not run: ${what}: ${reasons.map(reasonLine).join('; ')}`;
    });
}

function reasonLine({ message, at }: Explanation['reasons'][number]): string {
  return at ? `${message} (${at.file ?? ''}:${at.line}:${at.column})` : message;
}
