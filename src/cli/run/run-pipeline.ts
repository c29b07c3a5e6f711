// Runs one pipeline of a directory on a server that exists for this run only, and takes everything away again.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import type { RunningServer } from '../../boot/server.js';
import type { CompiledDocument, FoundOrb, ParameterValue } from '../../pipelines/config/index.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { ApiClient } from '../client.js';
import { settingsAndLogger } from '../environment.js';
import { Display } from '../watch/display.js';
import { explanationsOf } from '../watch/explanations.js';
import { PipelineWatch, type PipelineOutcome } from '../watch/pipeline-watch.js';
import { resultsOf, summarise, type Artifact } from '../watch/results.js';
import { LocalOrbs } from '../orb/local-orbs.js';
import { compileLocally } from './local-config.js';
import { select } from './select.js';
import { CONFIG_PATH, Snapshot, userRepository, type UserRepository } from './snapshot.js';
import { UsageProblem } from './usage-problem.js';

export interface RunRequest {
  directory: string;
  dirty: boolean;
  workflow?: string;
  job?: string;
  parameters: Record<string, ParameterValue>;
  branch?: string;
  tag?: string;
  executor: 'auto' | 'docker' | 'host';
  /** Where artifacts are kept; without it they go with the run. */
  artifacts?: string;
  /** Texts of orbs as `reference=file`; others come from the registry of the data directory. */
  orb: string[];
}

interface Prepared {
  repository: UserRepository;
  snapshot: Snapshot;
  branch: string;
  parameters: Record<string, ParameterValue>;
  /** The orbs of the config, for the registry of the server that is to run it. */
  orbs: FoundOrb[];
}

/**
 * Resolves with the exit code: 0 success, 1 failed. Throws UsageProblem for what is wrong in the request or the config,
 * and the reason of `signal` when it is aborted. Nothing is left behind in any case.
 */
export async function runPipeline(request: RunRequest, signal: AbortSignal): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'rotunda-run-'));
  try {
    // As root, PostgreSQL runs as another user, who must be able to pass through; nobody can list or read what is here.
    if (process.getuid?.() === 0) await chmod(home, 0o711);
    const prepared = await prepare(request, join(home, 'repository'));
    signal.throwIfAborted();
    return await withServer(request, prepared, home, signal);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function prepare(request: RunRequest, path: string): Promise<Prepared> {
  const repository = await userRepository(request.directory);
  const snapshot = await Snapshot.make(repository, path, request.dirty);
  const source = await snapshot.config();
  if (source === undefined) throw new UsageProblem(missingConfig(request, repository));
  const branch = request.branch ?? repository.branch;
  const { workflow, job, tag } = request;
  const orbs = await LocalOrbs.of(request.orb).catch((error: Error) => {
    throw new UsageProblem(error.message);
  });
  try {
    const at = { repository, branch, tag, orbs };
    const document = await compileLocally(source, request.parameters, at);
    const isWhole = workflow === undefined && job === undefined;
    const narrowed = isWhole ? document : select(document, { workflow, job });
    checkExecutors(narrowed, request.executor);
    const found = [...orbs.found.values()];
    const registered = found.filter(({ resolvedReference }) => !resolvedReference.startsWith('https://'));
    // The server fetches no URL orbs, since nobody has allowed it any: what needs them goes as it was compiled here.
    const isCompiled = !isWhole || registered.length < found.length;
    // JSON is YAML too. What is compiled already takes no parameters any more.
    if (isCompiled) await snapshot.replaceConfig(`${JSON.stringify(narrowed, null, 2)}\n`);
    await snapshot.publish(branch, tag);
    const parameters = isCompiled ? {} : request.parameters;
    return { repository, snapshot, branch, parameters, orbs: isCompiled ? [] : registered };
  } finally {
    await orbs.close();
  }
}

function missingConfig({ dirty }: RunRequest, { root }: UserRepository): string {
  return dirty
    ? `${root} has no ${CONFIG_PATH}`
    : `${root} has no ${CONFIG_PATH} in its last commit (--dirty takes what is not committed too)`;
}

/** Docker alone never claims a machine job, which would then wait for ever. */
function checkExecutors(document: CompiledDocument, executor: RunRequest['executor']): void {
  if (executor !== 'docker') return;
  const machine = Object.entries(document.jobs).filter(
    ([, job]) => job['docker'] === undefined && job['type'] !== 'approval',
  );
  if (machine.length > 0)
    throw new UsageProblem(
      `the job "${machine[0]![0]}" needs a machine, which --executor docker does not offer`,
    );
}

async function withServer(
  request: RunRequest,
  { repository, snapshot, branch, parameters, orbs }: Prepared,
  home: string,
  signal: AbortSignal,
): Promise<number> {
  const { settings, logger } = settingsAndLogger({
    ROTUNDA_DATA_DIR: join(home, 'data'),
    ROTUNDA_HOST: '127.0.0.1',
    ROTUNDA_PORT: '0',
    ROTUNDA_PUBLIC_URL: '',
    ROTUNDA_ROLES: '',
    ROTUNDA_AGENT: 'inline',
    // There are no contexts on a server that has just begun.
    ROTUNDA_MISSING_CONTEXTS: 'empty',
    ROTUNDA_AGENT_EXECUTOR: request.executor,
    ROTUNDA_LOG_LEVEL: process.env['ROTUNDA_LOG_LEVEL'] ?? 'warn',
    ROTUNDA_SHUTDOWN_GRACE: '0s',
    DATABASE_URL: '',
    REDIS_URL: '',
  });
  const display = new Display(process.stdout);
  const { startServer } = await import('../../boot/start.js');
  const server = await startServer(settings, logger);
  try {
    signal.throwIfAborted();
    await importOrbs(server, orbs);
    const client = new ApiClient({ url: server.url, token: server.firstToken! });
    const slug = `git/local/${repository.name}`;
    await client.post('/api/v2/organization/git/local/project', {
      name: repository.name,
      vcs_url: snapshot.path,
    });
    const { tag } = request;
    const pipeline = await client.post<{ id: string }>(`/api/v2/project/${slug}/pipeline`, {
      ...(tag === undefined ? { branch } : { tag }),
      parameters,
    });
    const outcome = await new PipelineWatch(client, pipeline.id, display).run(signal);
    await finish(client, { slug, pipelineId: pipeline.id }, outcome, display, request.artifacts);
    return exitCode(outcome);
  } finally {
    display.close();
    await server.stop();
  }
}

/** The server compiles the config again, and then finds the very orbs that it was compiled with here. */
async function importOrbs({ app, parts }: RunningServer, orbs: readonly FoundOrb[]): Promise<void> {
  if (orbs.length === 0) return;
  const { OrbPublishing } = await import('../../pipelines/index.js');
  const publishing = app.get(OrbPublishing);
  for (const { resolvedReference, source, dependencies } of orbs) {
    const at = resolvedReference.indexOf('@');
    const [name, version] = [resolvedReference.slice(0, at), resolvedReference.slice(at + 1)];
    const outcome = await publishing.import(
      name,
      version,
      source,
      requestContext(SYSTEM),
      dependencies ?? {},
    );
    if ('appended' in outcome)
      await parts.followers.caughtUp(outcome.appended.position, ['OrbVersionPublished'], 10_000);
  }
}

async function finish(
  client: ApiClient,
  { slug, pipelineId }: { slug: string; pipelineId: string },
  outcome: PipelineOutcome,
  display: Display,
  keep: string | undefined,
): Promise<void> {
  display.jobs([]);
  for (const message of outcome.errors) display.line(display.paint('red', message));
  if (outcome.status === 'errored') return;
  const notRun = await explanationsOf(client, pipelineId);
  if (outcome.status === 'nothing') {
    display.line('No workflow was to run for this commit.');
    for (const line of notRun) display.line(line);
    return;
  }
  const results = await resultsOf(client, slug, outcome);
  if (keep !== undefined) for (const artifact of results.artifacts) await save(client, artifact, keep);
  summarise(display, outcome, results, (artifact) =>
    keep === undefined ? artifact.path : placeIn(keep, artifact),
  );
  if (results.artifacts.length > 0 && keep === undefined)
    display.line('  not kept after this run; --artifacts DIRECTORY keeps them');
  for (const line of notRun) display.line(line);
  const held = outcome.jobs.filter(({ status }) => status === 'on_hold').map(({ name }) => name);
  if (held.length > 0)
    display.line(`waiting for approval, which a local run does not give: ${held.join(', ')}`);
}

/** 2 for a config that the server refused although it was good here, as for any config error. */
function exitCode({ status, workflows }: PipelineOutcome): number {
  if (status === 'errored') return 2;
  const good = status === 'success' || status === 'nothing' || status === 'on_hold';
  return good && !workflows.some((workflow) => workflow.status === 'failing') ? 0 : 1;
}

async function save(client: ApiClient, artifact: Artifact, directory: string): Promise<void> {
  const file = placeIn(directory, artifact);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await client.bytes(new URL(artifact.url).pathname));
}

/** JOB/PATH below the directory, whatever the path of the artifact says. */
function placeIn(directory: string, { job, path, nodeIndex }: Artifact): string {
  const base = resolve(directory);
  const part = nodeIndex === 0 ? job : `${job}-${nodeIndex}`;
  const file = resolve(base, part.replaceAll('/', '-'), `./${path}`);
  if (!file.startsWith(base + sep)) throw new Error(`the artifact ${path} has a path that leads elsewhere`);
  return file;
}
