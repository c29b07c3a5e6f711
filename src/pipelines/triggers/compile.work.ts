// Queued work: fetch the config at the commit, or take the one that continues the pipeline, compile it, plan what is to
// run, and record what it came to.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { getRow } from '../../platform/database/rows.js';
import { InvalidInputError, NotFoundError, messageOf } from '../../platform/errors/errors.js';
import type { EventStore, RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { WorkHandler, WorkItem } from '../../platform/queue/work-queue.port.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import type { CompilerPool, ParameterValue } from '../config/index.js';
import { OrbSources } from '../orbs/orb-sources.js';
import { ProjectEntity } from '../projects/project.entity.js';
import { COMPILER } from './compiler.token.js';
import { asErrors, CONFIG_PATH, CONTINUATION, missingConfig, type ConfigOrigin } from './config-errors.js';
import { ContinuationKeys } from './continuation-keys.js';
import { OnPipeline } from './pipeline.commands.js';
import { pipelineDecider, type PipelineCommand, type PipelineState } from './pipeline.decider.js';
import type {
  CommitFacts,
  CompiledConfig,
  PipelineContinued,
  PipelineErrored,
  PipelineEvent,
  PipelineRequest,
  PipelineSetUp,
} from './pipeline.events.js';
import { pipelineValues } from './pipeline-values.js';
import { baseRevision, waitingPipelines } from './pipelines.queries.js';
import { sayingWhatFailed } from './transient-orbs.js';
import { VCS, type OpenedCommit, type Vcs } from './vcs.port.js';

export const COMPILE_QUEUE = 'compile';

export interface CompileWork {
  pipelineId: string;
}

/** The work of a pipeline's own config, and of the one that continues it: two pieces of work, two keys. */
export function compileWork(pipelineId: string, continued: boolean): WorkItem<CompileWork> {
  return { key: continued ? `${pipelineId}@continuation` : pipelineId, payload: { pipelineId } };
}

/** A pipeline that waits for its config. */
interface Waiting {
  state: PipelineState;
  request: PipelineRequest;
  project: ProjectEntity;
  /** What the result follows from: the trigger or the continuation. */
  cause: RecordedEvent;
  setUp?: PipelineSetUp['data'];
  continued?: PipelineContinued['data'];
}

interface Config {
  commit: CommitFacts;
  source: string;
  parameters: Record<string, ParameterValue>;
  isSetup: boolean;
  origin: ConfigOrigin;
}

type Result = Extract<
  PipelineCommand,
  { type: 'RecordSetUp' | 'RecordCompiledConfig' | 'RecordConfigErrors' }
>;

@Injectable()
export class CompileWorkHandler implements WorkHandler<CompileWork> {
  readonly queue = COMPILE_QUEUE;
  readonly concurrency = 4;
  readonly attempts = 4;
  readonly timeoutMs = 180_000;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(VCS) private readonly vcs: Vcs,
    @Inject(COMPILER) private readonly compiler: Pick<CompilerPool, 'outline' | 'pipeline'>,
    private readonly orbs: OrbSources,
    private readonly keys: ContinuationKeys,
    private readonly database: DataSource,
    private readonly commands: CommandBus,
  ) {}

  async perform({ pipelineId }: CompileWork): Promise<void> {
    const waiting = await this.waitingFor(pipelineId);
    if (!waiting) return;
    const result = waiting.continued ? await this.continuation(waiting) : await this.own(waiting);
    await this.record(waiting, result, 'compile');
  }

  async exhausted({ pipelineId }: CompileWork, error: unknown): Promise<void> {
    const waiting = await this.waitingFor(pipelineId);
    if (!waiting) return;
    const message = `the config could not be fetched or compiled: ${messageOf(error)}`;
    await this.record(waiting, errors(waiting, [{ type: 'other', message }]), 'compile');
  }

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<CompileWork>[]> {
    const rows = await waitingPipelines(this.database, after?.split('@')[0], limit);
    return rows.map(({ id, continued }) => compileWork(id, continued));
  }

  /** Undefined when the config is known already. */
  private async waitingFor(pipelineId: string): Promise<Waiting | undefined> {
    const recorded = await this.store.readStream(`pipeline-${pipelineId}`);
    const events = recorded as (RecordedEvent & PipelineEvent)[];
    const state = events.reduce<PipelineState>(
      (before, event) => pipelineDecider.evolve(before, event),
      pipelineDecider.initialState(),
    );
    if (!state.request || !['pending', 'setup-pending'].includes(state.phase)) return undefined;
    const continued = events.find((event) => event.type === 'PipelineContinued');
    const project = await getRow(this.database, ProjectEntity, { id: state.request.projectId });
    return {
      state,
      request: state.request,
      project,
      cause: continued ?? events[0]!,
      setUp: events.find((event) => event.type === 'PipelineSetUp')?.data,
      continued: continued?.data,
    };
  }

  private async record({ cause }: Waiting, command: PipelineCommand, key: string): Promise<void> {
    await this.commands.execute(new OnPipeline(command, reactionContext(cause, key)));
  }

  private async own(waiting: Waiting): Promise<Result> {
    const { request, project } = waiting;
    let opened: OpenedCommit;
    try {
      const { branch, tag, revision } = request.vcs;
      const ref = (branch ?? tag ?? revision) ? { branch, tag, revision } : { branch: project.defaultBranch };
      opened = await this.vcs.open(request.vcs.url, ref, CONFIG_PATH);
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof InvalidInputError)) throw error;
      return errors(waiting, [{ type: 'config-fetch', message: error.message }]);
    }
    const commit = commitFacts(opened);
    if (!opened.file) {
      const message = missingConfig(request.projectSlug, commit);
      return errors(waiting, [{ type: 'config-fetch', message }], { commit });
    }
    const source = opened.file.toString('utf8');
    const declared = await this.declaredBySetup(source);
    if (declared) {
      const { pipelineId, projectId } = request;
      await this.record(waiting, { type: 'RecordSetupFound', pipelineId, projectId }, 'setup-found');
    }
    const { parameters } = request;
    const isSetup = declared !== undefined;
    const compiled = await this.compile(waiting, {
      commit,
      source,
      parameters,
      isSetup,
      origin: CONFIG_PATH,
    });
    if (compiled.type !== 'RecordCompiledConfig' || !declared) return compiled;
    const continuationKeyHash = await this.keys.hashOf(request.pipelineId);
    return { ...compiled, type: 'RecordSetUp', continuationKeyHash, declared };
  }

  /** The parameters that a setup config declares; undefined for any other config. */
  private async declaredBySetup(source: string): Promise<PipelineSetUp['data']['declared'] | undefined> {
    // Most configs do not have the word, and then there is nothing to read twice.
    if (!source.includes('setup')) return undefined;
    const outline = await this.compiler.outline(source, CONFIG_PATH);
    return outline.ok && outline.setup ? outline.parameters : undefined;
  }

  /**
   * What was given when the pipeline was triggered goes on to the config that follows as far as it declares it; what it
   * was continued with is added, declared or not, so that a mistake is told (LANGUAGE C-029, C-032).
   */
  private async continuation(waiting: Waiting): Promise<Result> {
    const { request, continued, setUp } = waiting;
    const { configuration: source, parameters: given } = continued!;
    const outline = await this.compiler.outline(source, CONTINUATION);
    if (outline.ok && outline.setup) {
      const message = 'A pipeline cannot be continued with another setup configuration.';
      return errors(waiting, [{ type: 'config', message }], { commit: setUp!.commit, source });
    }
    const declared = outline.ok ? outline.parameters : {};
    const kept = Object.entries(request.parameters).filter(([name]) => Object.hasOwn(declared, name));
    return this.compile(waiting, {
      commit: setUp!.commit,
      source,
      parameters: { ...Object.fromEntries(kept), ...given },
      isSetup: false,
      origin: CONTINUATION,
    });
  }

  private async compile(
    waiting: Waiting,
    { commit, source, parameters, isSetup, origin }: Config,
  ): Promise<Exclude<Result, { type: 'RecordSetUp' }>> {
    const { request, project } = waiting;
    const values = pipelineValues(request, commit, {
      defaultBranch: project.defaultBranch,
      inSetup: isSetup,
      baseRevision: await baseRevision(this.database, request, commit),
    });
    const orbs = sayingWhatFailed(this.orbs.for(project.organizationId));
    const { branch, tag } = commit;
    const result = await this.compiler.pipeline({
      source,
      parameters,
      values,
      orbs,
      fileName: origin,
      ref: { branch, tag, isDefaultBranch: branch === project.defaultBranch },
    });
    orbs.throwIfAny();
    const known = { commit, source };
    if (!result.ok) return errors(waiting, asErrors(result.stage, result.errors, origin), known);
    const { pipelineId, projectId } = request;
    const { yaml: compiled, workflows, notRun } = result;
    const config: CompiledConfig = { pipelineId, projectId, commit, source, compiled, workflows };
    return { type: 'RecordCompiledConfig', ...config, notRun };
  }
}

function errors(
  { request }: Waiting,
  list: PipelineErrored['data']['errors'],
  known: { commit?: CommitFacts; source?: string } = {},
): Extract<Result, { type: 'RecordConfigErrors' }> {
  const { pipelineId, projectId } = request;
  return { type: 'RecordConfigErrors', pipelineId, projectId, errors: list, ...known };
}

function commitFacts({ revision, branch, tag, commit }: OpenedCommit): CommitFacts {
  return { revision, branch, tag, subject: commit.subject, body: commit.body, authorName: commit.authorName };
}
