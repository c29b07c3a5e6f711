// Queued work: fetch the config at the commit, compile it, plan what is to run, and record what it came to.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource, MoreThan } from 'typeorm';
import { getRow } from '../../platform/database/rows.js';
import { InvalidInputError, NotFoundError, messageOf } from '../../platform/errors/errors.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { WorkHandler, WorkItem } from '../../platform/queue/work-queue.port.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import type { CompilerPool, ConfigProblem, OrbResolver } from '../config/index.js';
import { ProjectEntity } from '../projects/project.entity.js';
import { OnPipeline } from './pipeline.commands.js';
import { PipelineEntity } from './pipeline.entity.js';
import type { CommitFacts, PipelineErrored, PipelineRequest, PipelineTriggered } from './pipeline.events.js';
import { pipelineValues } from './pipeline-values.js';
import { VCS, type OpenedCommit, type Vcs } from './vcs.port.js';

export const COMPILE_QUEUE = 'compile';
export const COMPILER = Symbol('compiler');
export const ORB_RESOLVER = Symbol('orb resolver');
export const CONFIG_PATH = '.circleci/config.yml';

export interface CompileWork {
  pipelineId: string;
}

type Result = { type: 'RecordCompiledConfig' | 'RecordConfigErrors' } & Record<string, unknown>;

@Injectable()
export class CompileWorkHandler implements WorkHandler<CompileWork> {
  readonly queue = COMPILE_QUEUE;
  readonly concurrency = 4;
  readonly attempts = 4;
  readonly timeoutMs = 180_000;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(VCS) private readonly vcs: Vcs,
    @Inject(COMPILER) private readonly compiler: Pick<CompilerPool, 'pipeline'>,
    @Inject(ORB_RESOLVER) private readonly orbs: OrbResolver,
    private readonly database: DataSource,
    private readonly commands: CommandBus,
  ) {}

  async perform({ pipelineId }: CompileWork): Promise<void> {
    const triggered = await this.pending(pipelineId);
    if (!triggered) return;
    await this.record(triggered, await this.compile(triggered.data));
  }

  async exhausted({ pipelineId }: CompileWork, error: unknown): Promise<void> {
    const triggered = await this.pending(pipelineId);
    if (!triggered) return;
    const message = `the config could not be fetched or compiled: ${messageOf(error)}`;
    await this.record(triggered, errors(triggered.data, [{ type: 'other', message }]));
  }

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<CompileWork>[]> {
    const rows = await this.database.manager.find(PipelineEntity, {
      select: { id: true },
      where: after === undefined ? { state: 'pending' } : { state: 'pending', id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => ({ key: id, payload: { pipelineId: id } }));
  }

  /** The trigger of a pipeline whose config is not known yet. */
  private async pending(pipelineId: string) {
    const events = await this.store.readStream(`pipeline-${pipelineId}`);
    return events.length === 1 ? (events[0] as (typeof events)[number] & PipelineTriggered) : undefined;
  }

  private async record(
    triggered: Awaited<ReturnType<CompileWorkHandler['pending']>>,
    result: Result,
  ): Promise<void> {
    const command = result as unknown as ConstructorParameters<typeof OnPipeline>[0];
    await this.commands.execute(new OnPipeline(command, reactionContext(triggered!, 'compile')));
  }

  private async compile(request: PipelineRequest): Promise<Result> {
    const project = await getRow(this.database, ProjectEntity, { id: request.projectId });
    let opened: OpenedCommit;
    try {
      const { branch, tag, revision } = request.vcs;
      const ref = (branch ?? tag ?? revision) ? { branch, tag, revision } : { branch: project.defaultBranch };
      opened = await this.vcs.open(request.vcs.url, ref, CONFIG_PATH);
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof InvalidInputError)) throw error;
      return errors(request, [{ type: 'config-fetch', message: error.message }]);
    }
    const commit = commitFacts(opened);
    if (!opened.file)
      return errors(request, [{ type: 'config-fetch', message: missing(request, commit) }], { commit });
    const source = opened.file.toString('utf8');
    const values = pipelineValues(request, commit, project.defaultBranch);
    const result = await this.compiler.pipeline({
      source,
      parameters: request.parameters,
      values,
      orbs: this.orbs,
      fileName: CONFIG_PATH,
      ref: {
        branch: commit.branch,
        tag: commit.tag,
        isDefaultBranch: commit.branch === project.defaultBranch,
      },
    });
    if (!result.ok) return errors(request, asErrors(result.stage, result.errors), { commit, source });
    const { pipelineId, projectId } = request;
    return {
      type: 'RecordCompiledConfig',
      pipelineId,
      projectId,
      commit,
      source,
      compiled: result.yaml,
      workflows: result.workflows,
      notRun: result.notRun,
    };
  }
}

function errors(
  request: PipelineRequest,
  list: PipelineErrored['data']['errors'],
  known: { commit?: CommitFacts; source?: string } = {},
): Result {
  return {
    type: 'RecordConfigErrors',
    pipelineId: request.pipelineId,
    projectId: request.projectId,
    errors: list,
    ...known,
  };
}

/** The API has no place for line and column: they go into the text. */
function asErrors(type: 'config' | 'plan', problems: ConfigProblem[]): PipelineErrored['data']['errors'] {
  return problems.map(({ message, hint, file = CONFIG_PATH, line, column }) => {
    const place =
      line === undefined ? '' : ` (${file}, line ${line}${column === undefined ? '' : `, column ${column}`})`;
    return {
      type,
      message: `${message}${place}${
        hint === undefined
          ? ''
          : `
${hint}`
      }`,
    };
  });
}

function commitFacts({ revision, branch, tag, commit }: OpenedCommit): CommitFacts {
  return { revision, branch, tag, subject: commit.subject, body: commit.body, authorName: commit.authorName };
}

/** LANGUAGE C-002. */
function missing(request: PipelineRequest, commit: CommitFacts): string {
  const where = commit.branch
    ? `branch ${commit.branch}`
    : commit.tag
      ? `tag ${commit.tag}`
      : `revision ${commit.revision}`;
  return `config file ${CONFIG_PATH} could not be located on ${where} in repository ${request.projectSlug}`;
}
