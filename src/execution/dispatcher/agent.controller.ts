// The server's side of the agent protocol: claims, heartbeats, reports, output.
import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Header,
  HttpCode,
  Inject,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Req,
  Res,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NotFoundError } from '../../platform/errors/errors.js';
import { isUuid } from '../../platform/ids/ids.js';
import { bearerOf, requestSignal } from '../../platform/http/request-signal.js';
import { parseBody } from '../../platform/http/parse-body.js';
import { OutputHandover } from '../output/output-handover.js';
import { OutputGapError, OutputStore, type OutputPiece } from '../output/output-store.js';
import {
  LARGEST_OUTPUT_BYTES,
  type ClaimedTask,
  type HeartbeatResponse,
  type OutputAck,
  type OutputPart,
  type ReportAck,
} from '../protocol/index.js';
import { AGENT_AUTH, allowedClasses, type AgentAuth, type AgentScope } from './agent-auth.port.js';
import { AgentSightings } from './agent-sightings.js';
import { Dispatcher, type HeldClaim } from './dispatcher.js';
import { readChunk } from './read-chunk.js';

const claimBody = z.object({
  agentId: z.uuid(),
  agentName: z.string().min(1).max(200),
  resourceClasses: z.array(z.string().max(200)).min(1).max(100),
  executors: z.array(z.enum(['docker', 'machine'])),
  waitSeconds: z.number().min(0).max(30),
  version: z.string().max(100).optional(),
  capacity: z.int().min(1).max(10_000).optional(),
  labels: z
    .record(z.string().min(1).max(100), z.string().max(200))
    .refine((labels) => Object.keys(labels).length <= 50, 'has more than 50 labels')
    .optional(),
});
const leavingBody = z.object({ agentId: z.uuid(), state: z.enum(['draining', 'gone']) });
const heartbeatBody = z.object({ waitSeconds: z.number().min(0).max(10) });
const status = z.enum(['success', 'failed', 'canceled', 'timedout', 'infrastructure_fail']);
const stepBody = z.object({
  index: z.int().min(0).max(100_000),
  name: z.string(),
  type: z.string().max(100),
  command: z.string().optional(),
  background: z.boolean().optional(),
  status: z.enum(['running', 'success', 'failed', 'canceled', 'timedout', 'infrastructure_fail', 'skipped']),
  exitCode: z.int().optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  outputBytes: z.int().min(0).optional(),
});
const reportBody = z.object({
  started: z.boolean().optional(),
  steps: z.array(stepBody).max(10_000),
  output: z
    .array(z.object({ step: z.int().min(0).max(100_000), offset: z.int().min(0), bytes: z.base64() }))
    .max(1000)
    .optional(),
  finished: z.object({ status, message: z.string().max(10_000).optional() }).optional(),
});

/** The claim that a request's bearer stands for. Throws a conflict that becomes 410 when it is over. */
export function claimOf(
  dispatcher: Dispatcher,
  request: FastifyRequest,
  taskId: string,
  fresh = false,
): Promise<HeldClaim> {
  if (!isUuid(taskId)) throw new NotFoundError('TASK.NOT_FOUND', `"${taskId}" is not the id of a task`);
  const token = bearerOf(request.headers);
  if (token === '') throw new UnauthorizedException('the task token is missing');
  return dispatcher.held(taskId, token, fresh);
}

@Controller('agent/v1')
export class AgentController {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly output: OutputStore,
    private readonly handover: OutputHandover,
    private readonly sightings: AgentSightings,
    @Inject(AGENT_AUTH) private readonly auth: AgentAuth,
  ) {}

  @Post('claim')
  async claim(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClaimedTask | undefined> {
    const scope = await this.scopeOf(request);
    const asked = parseBody(claimBody, body);
    const claim = { ...asked, resourceClasses: allowedClasses(asked.resourceClasses, scope) };
    await this.sightings.note(claim);
    const task = await this.dispatcher.claim(claim, requestSignal(reply));
    reply.status(task ? 200 : 204);
    return task;
  }

  @Post('leaving')
  @HttpCode(204)
  async leaving(@Body() body: unknown, @Req() request: FastifyRequest): Promise<void> {
    await this.scopeOf(request);
    await this.sightings.leaving(parseBody(leavingBody, body));
  }

  @Post('tasks/:id/heartbeat')
  @HttpCode(200)
  async heartbeat(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HeartbeatResponse> {
    const { waitSeconds } = parseBody(heartbeatBody, body);
    const { agentId } = await claimOf(this.dispatcher, request, id);
    await this.sightings.seen(agentId);
    return this.dispatcher.heartbeat(id, bearerOf(request.headers), waitSeconds, requestSignal(reply));
  }

  @Post('tasks/:id/report')
  async report(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReportAck | undefined> {
    const { output: parts = [], ...facts } = parseBody(reportBody, body);
    const claim = await claimOf(this.dispatcher, request, id);
    // Output first: the end of a task makes its token void, and whoever sees a step's end may read all of its output.
    const lengths = parts.length > 0 ? await this.output.appendAll(id, parts.map(pieceOf)) : [];
    const recorded = parts.every(({ offset }, i) => lengths[i]! >= offset);
    if (recorded) await this.dispatcher.report(claim, facts);
    reply.status(recorded ? (parts.length > 0 ? 200 : 204) : 409);
    return parts.length > 0 ? { recorded, output: lengths.map((offset) => ({ offset })) } : undefined;
  }

  @Post('tasks/:id/steps/:index/output')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async append(
    @Param('id') id: string,
    @Param('index', ParseIntPipe) step: number,
    @Query('offset', ParseIntPipe) offset: number,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutputAck> {
    await claimOf(this.dispatcher, request, id);
    try {
      return await this.output.append(id, step, offset, await chunkOf(request));
    } catch (error) {
      if (!(error instanceof OutputGapError)) throw error;
      reply.status(409);
      return { offset: error.expected };
    }
  }

  @Post('tasks/:id/steps/:index/output-file')
  @HttpCode(200)
  async appendFile(
    @Param('id') id: string,
    @Param('index', ParseIntPipe) step: number,
    @Query('offset', ParseIntPipe) offset: number,
    @Query('name') name: string,
    @Req() request: FastifyRequest,
  ): Promise<OutputAck> {
    await claimOf(this.dispatcher, request, id);
    return this.handover.append(id, step, offset, name ?? '');
  }

  private async scopeOf(request: FastifyRequest): Promise<AgentScope> {
    const scope = await this.auth.scopeOf(bearerOf(request.headers));
    if (!scope) throw new UnauthorizedException('the agent token is missing or wrong');
    return scope;
  }
}

function pieceOf({ step, offset, bytes }: OutputPart): OutputPiece {
  return { step, offset, bytes: Buffer.from(bytes, 'base64') };
}

function chunkOf({ body, headers }: FastifyRequest): Promise<Buffer> | Buffer {
  if (!(body instanceof Readable)) return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  return readChunk(body, Number(headers['content-length'] ?? 0), LARGEST_OUTPUT_BYTES);
}
