// The server's side of the agent protocol: sources, caches, workspaces, artifacts, test reports. Bodies are streams.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  ParseIntPipe,
  Post,
  Put,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../platform/commands/command-context.js';
import { InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { newId } from '../../platform/ids/ids.js';
import { PipelinePlans, VCS, type Vcs } from '../../pipelines/index.js';
import { Artifacts } from '../artifacts/artifacts.js';
import { Caches, type CacheOwner } from '../caches/caches.js';
import type { JobFacts } from '../jobs/job.events.js';
import type { WorkspaceLayer } from '../protocol/index.js';
import { TestReports } from '../test-results/test-reports.js';
import { Workspaces } from '../workspaces/workspaces.js';
import { claimOf } from './agent.controller.js';
import { agentActor, Dispatcher } from './dispatcher.js';
import { TaskPayloads } from './task-payloads.js';

/** Longer than agents wait themselves. */
const STALLED_UPLOAD_MS = 180_000;

@Controller('agent/v1/tasks/:id')
export class AgentSourceController {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly payloads: TaskPayloads,
    private readonly plans: PipelinePlans,
    @Inject(VCS) private readonly vcs: Vcs,
  ) {}

  @Get('source')
  async source(@Param('id') id: string, @Req() request: FastifyRequest): Promise<StreamableFile> {
    const { jobId } = await claimOf(this.dispatcher, request, id);
    const { pipelineId, phase = 'main' } = await this.payloads.facts(jobId);
    const { request: pipeline, compiled } = await this.plans.get(pipelineId, phase);
    const { revision, branch, tag } = compiled.commit;
    const { url } = pipeline.vcs;
    const { stream } = await this.vcs.sourceTar(url, { revision, branch, tag, originUrl: url });
    return new StreamableFile(stream, { type: 'application/x-tar' });
  }
}

@Controller('agent/v1/tasks/:id')
export class AgentFilesController {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly payloads: TaskPayloads,
    private readonly caches: Caches,
    private readonly workspaces: Workspaces,
    private readonly artifacts: Artifacts,
    private readonly testReports: TestReports,
    private readonly plans: PipelinePlans,
  ) {}

  @Get('cache')
  async cache(
    @Param('id') id: string,
    @Query('key') keys: string | string[] | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { job } = await this.held(request, id);
    const found = await this.caches.find(await this.ownerOf(job), [keys ?? []].flat());
    if (!found)
      throw new NotFoundError('CACHE.NOT_FOUND', 'no cache has a key that begins with any of these');
    reply
      .header('x-rotunda-cache-key', encodeURIComponent(found.key))
      .header('x-rotunda-cache-job', String(found.jobNumber))
      .header('x-rotunda-cache-sha256', found.sha256)
      .header('x-rotunda-cache-paths', encodeURIComponent(JSON.stringify(found.paths)));
    return new StreamableFile(await this.caches.open(found), {
      type: 'application/octet-stream',
      length: Number(found.size),
    });
  }

  @Get('cache-exists')
  async cacheExists(
    @Param('id') id: string,
    @Query('key') key: string,
    @Req() request: FastifyRequest,
  ): Promise<{ createdAt: string }> {
    const { job } = await this.held(request, id);
    const savedAt = await this.caches.savedAt(await this.ownerOf(job), key);
    if (!savedAt) throw new NotFoundError('CACHE.NOT_FOUND', 'no cache has this key');
    return { createdAt: savedAt.toISOString() };
  }

  @Put('cache')
  async saveCache(
    @Param('id') id: string,
    @Query('key') key: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { job, by } = await this.held(request, id);
    const saveId = newId();
    const facts = {
      ...(await this.ownerOf(job)),
      ...{ key: key ?? '', jobNumber: job.number, saveId, paths: pathsOf(request) },
      retentionDays: job.definition.cacheRetentionDays,
    };
    reply.status((await this.caches.save(facts, bodyOf(request), by)) ? 201 : 200);
  }

  @Get('workspace')
  async layers(@Param('id') id: string, @Req() request: FastifyRequest): Promise<WorkspaceLayer[]> {
    return this.workspaces.layersFor((await this.held(request, id)).job);
  }

  @Get('workspace/:layerId')
  async layer(
    @Param('id') id: string,
    @Param('layerId') layerId: string,
    @Req() request: FastifyRequest,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.workspaces.open((await this.held(request, id)).job, layerId), {
      type: 'application/octet-stream',
    });
  }

  @Post('workspace')
  async addLayer(
    @Param('id') id: string,
    @Query('step', ParseIntPipe) step: number,
    @Req() request: FastifyRequest,
  ): Promise<WorkspaceLayer> {
    const { job, by } = await this.held(request, id);
    return this.workspaces.add({ job, taskId: id, step }, bodyOf(request), by);
  }

  @Put('artifacts')
  @HttpCode(201)
  async artifact(
    @Param('id') id: string,
    @Query('path') path: string,
    @Req() request: FastifyRequest,
  ): Promise<{ path: string; size: number; sha256: string }> {
    const { job, by } = await this.held(request, id);
    return this.artifacts.save({ job, taskId: id, path: path ?? '' }, bodyOf(request), by);
  }

  @Put('test-results')
  @HttpCode(201)
  async testResults(
    @Param('id') id: string,
    @Query('step', ParseIntPipe) step: number,
    @Query('path') path: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const { job, by } = await this.held(request, id);
    await this.testReports.save({ job, taskId: id, step, path: path ?? '' }, bodyOf(request), by);
  }

  /** Builds of forks have caches of their own: what they put there is not run with the project's secrets (C-268). */
  private async ownerOf({ projectId, pipelineId, phase }: JobFacts): Promise<CacheOwner> {
    const { forkUrl } = (await this.plans.get(pipelineId, phase ?? 'main')).request.vcs;
    return { projectId, ...(forkUrl !== undefined && { scope: forkUrl }) };
  }

  private async held(request: FastifyRequest, id: string) {
    const claim = await claimOf(this.dispatcher, request, id);
    return {
      job: await this.payloads.facts(claim.jobId),
      by: requestContext(agentActor(claim.agentId, claim.agentName), claim.correlationId),
    };
  }
}

/** What the agent says that a cache holds; nothing when it says it in no form that is known. */
function pathsOf(request: FastifyRequest): string[] {
  try {
    const paths: unknown = JSON.parse(decodeURIComponent(String(request.headers['x-rotunda-cache-paths'])));
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  } catch {
    return [];
  }
}

/** Fastify hands over bodies that are not JSON as streams. */
function bodyOf(request: FastifyRequest): Readable {
  if (request.body instanceof Readable) {
    endWhenStalled(request.body, request.raw.socket);
    return request.body;
  }
  throw new InvalidInputError('REQUEST.BODY', 'send the content as application/octet-stream');
}

/** An agent whose machine is gone does not say so: without this its upload would stay open for ever. */
function endWhenStalled(body: Readable, socket: Socket): void {
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    if (socket.bytesRead === seen)
      body.destroy(new Error(`the upload made no progress for ${STALLED_UPLOAD_MS} ms`));
    seen = socket.bytesRead;
  }, STALLED_UPLOAD_MS);
  timer.unref();
  body.once('close', () => clearInterval(timer));
}
