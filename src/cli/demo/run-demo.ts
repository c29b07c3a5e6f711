// The demo: a server with a project that builds, tests and packs a small application, shown while it runs.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Identity } from '../../app-core/index.js';
import { ArtifactEntity } from '../../execution/index.js';
import { blobPath } from '../../platform/blobs/blob-path.js';
import { keptSecret } from '../../boot/data-directory.js';
import type { RunningServer } from '../../boot/server.js';
import { startServer } from '../../boot/start.js';
import { ApiClient } from '../client.js';
import { settingsAndLogger } from '../environment.js';
import { Display } from '../watch/display.js';
import { PipelineWatch, type PipelineOutcome } from '../watch/pipeline-watch.js';
import { resultsOf, summarise, type Artifact } from '../watch/results.js';
import { chooseExecutor, type DemoExecutor } from './choose-executor.js';
import { demoRepository } from './demo-repository.js';
import { freePortOr } from './port.js';

const SLUG = 'git/local/demo-app';

export interface DemoRequest {
  exit: boolean;
  executor: 'auto' | 'docker' | 'host';
}

/**
 * Resolves with the exit code once `signal` is aborted, or with `exit` once the pipeline has ended: 0 when it succeeded,
 * 1 when not.
 */
export async function runDemo(request: DemoRequest, signal: AbortSignal): Promise<number> {
  const display = new Display(process.stdout);
  const executor = await chooseExecutor(request.executor);
  const { settings, logger } = settingsAndLogger({
    ROTUNDA_LOG_LEVEL: process.env['ROTUNDA_LOG_LEVEL'] ?? 'warn',
  });
  const port = await freePortOr(settings.port, settings.host);
  if (port !== settings.port) display.line(`port ${settings.port} is taken, so the server takes another one`);
  display.line('starting the server ...');
  display.flush();
  const server = await startServer({ ...settings, port }, logger);
  try {
    signal.throwIfAborted();
    return await onServer(server, request, executor, display, signal);
  } finally {
    display.close();
    await server.stop();
  }
}

async function onServer(
  server: RunningServer,
  request: DemoRequest,
  executor: DemoExecutor,
  display: Display,
  signal: AbortSignal,
): Promise<number> {
  const { dataDirectory } = server.parts.settings;
  const repository = await demoRepository(dataDirectory);
  const token = await demoToken(server, dataDirectory);
  const client = new ApiClient({ url: server.url, token });
  const project = { name: 'demo-app', vcs_url: repository };
  await client.post('/api/v2/organization/git/local/project', project);
  const pipeline = await client.post<{ id: string; number: number }>(`/api/v2/project/${SLUG}/pipeline`, {
    branch: 'main',
    parameters: { executor: executor.kind, ...(executor.image ? { image: executor.image } : {}) },
  });
  display.line(`rotunda is ready at ${server.url}`);
  display.line(executor.reason);
  display.line(`pipeline ${pipeline.number} of ${SLUG}, from ${repository}`);
  display.line();
  const outcome = await new PipelineWatch(client, pipeline.id, display).run(signal);
  display.jobs([]);
  await tell(server, client, outcome, display);
  whereToLook(server, token, pipeline.id, outcome, display);
  if (!request.exit) {
    display.line('The server stays up; Ctrl-C ends it.');
    display.close();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return 0;
  }
  return outcome.status === 'success' ? 0 : 1;
}

async function tell(
  server: RunningServer,
  client: ApiClient,
  outcome: PipelineOutcome,
  display: Display,
): Promise<void> {
  for (const message of outcome.errors) display.line(display.paint('red', message));
  const results = await resultsOf(client, SLUG, outcome);
  const files = new Map<string, string>();
  for (const job of outcome.jobs) {
    const rows = await server.parts.database.manager.find(ArtifactEntity, { where: { jobId: job.id } });
    for (const { nodeIndex, path, blobKey } of rows) files.set(`${job.name}/${nodeIndex}/${path}`, blobKey);
  }
  const place = (artifact: Artifact): string => {
    const key = files.get(`${artifact.job}/${artifact.nodeIndex}/${artifact.path}`);
    return `${artifact.path}\n      ${artifact.url}${key ? `\n      ${join(server.parts.settings.dataDirectory, 'blobs', 'blobs', ...blobPath(key))}` : ''}`;
  };
  summarise(display, outcome, results, place);
}

function whereToLook(
  server: RunningServer,
  token: string,
  pipelineId: string,
  outcome: PipelineOutcome,
  display: Display,
): void {
  const api = `${server.url}/api/v2`;
  const lines = [
    ['server', server.url],
    ['token', token],
    ['pipeline', `${api}/pipeline/${pipelineId}`],
    ...outcome.workflows.map(({ id }) => ['jobs', `${api}/workflow/${id}/job`]),
    ...outcome.jobs
      .filter((job) => job.reports && job.number !== undefined)
      .map((job) => ['tests', `${api}/project/${SLUG}/${job.number}/tests`]),
    ['try', `curl -H 'Circle-Token: ${token}' ${api}/pipeline/${pipelineId}`],
  ];
  display.line();
  for (const [name = '', value = ''] of lines)
    display.line(`${display.paint('bold', name.padEnd(9))} ${value}`);
  display.line();
}

/** The administrator's token is shown at the first start only: the demo keeps one of its own beside the repository. */
async function demoToken(server: RunningServer, dataDirectory: string): Promise<string> {
  const identity = server.app.get(Identity);
  await mkdir(join(dataDirectory, 'demo'), { recursive: true });
  return keptSecret(
    join(dataDirectory, 'demo', 'token'),
    async () => identity.issueToken(await identity.createUser('admin', 'Administrator'), 'demo', 'user'),
    async (token) => (await identity.verify(token))?.kind === 'user',
  );
}
