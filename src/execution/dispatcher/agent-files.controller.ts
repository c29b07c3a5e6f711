// The server's side of the agent protocol: sources, caches, workspaces, artifacts, test reports. Bodies are streams.
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
import { Caches } from '../caches/caches.js';
import type { WorkspaceLayer } from '../protocol/index.js';
import { TestReports } from '../test-results/test-reports.js';
import { Workspaces } from '../workspaces/workspaces.js';
import { claimOf } from './agent.controller.js';
import { agentActor, Dispatcher } from './dispatcher.js';
import { TaskPayloads } from './task-payloads.js';

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
  ) {}

  @Get('cache')
  async cache(
    @Param('id') id: string,
    @Query('key') keys: string | string[] | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { job } = await this.held(request, id);
    const found = await this.caches.find(job.projectId, [keys ?? []].flat());
    if (!found)
      throw new NotFoundError('CACHE.NOT_FOUND', 'no cache has a key that begins with any of these');
    reply
      .header('x-rotunda-cache-key', encodeURIComponent(found.key))
      .header('x-rotunda-cache-job', String(found.jobNumber));
    return new StreamableFile(await this.caches.open(found), {
      type: 'application/gzip',
      length: Number(found.size),
    });
  }

  @Get('cache-exists')
  @HttpCode(204)
  async cacheExists(
    @Param('id') id: string,
    @Query('key') key: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const { job } = await this.held(request, id);
    if (!(await this.caches.exists(job.projectId, key)))
      throw new NotFoundError('CACHE.NOT_FOUND', 'no cache has this key');
  }

  @Put('cache')
  async saveCache(
    @Param('id') id: string,
    @Query('key') key: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { job, by } = await this.held(request, id);
    const facts = { projectId: job.projectId, key: key ?? '', jobNumber: job.number, saveId: newId() };
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
      type: 'application/gzip',
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

  private async held(request: FastifyRequest, id: string) {
    const claim = await claimOf(this.dispatcher, request, id);
    return {
      job: await this.payloads.facts(claim.jobId),
      by: requestContext(agentActor(claim.agentId, claim.agentName), claim.correlationId),
    };
  }
}

/** Fastify hands over bodies that are not JSON as streams. */
function bodyOf(request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body;
  throw new InvalidInputError('REQUEST.BODY', 'send the content as application/octet-stream');
}
