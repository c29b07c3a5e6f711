// Steps of a job and their output over HTTP, also while it grows: read on with `Range: bytes=N-`.
import { Controller, Get, Param, ParseIntPipe, Req, Res, StreamableFile, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { findRow } from '../../platform/database/rows.js';
import { AuthGuard } from '../../app-core/index.js';
import { OutputStore, StepEntity, TaskEntity } from '../../execution/index.js';
import { NotFoundError } from '../../platform/errors/errors.js';
import { isUuid } from '../../platform/ids/ids.js';

export interface StepView {
  index: number;
  name: string;
  type: string;
  command?: string;
  status: string;
  exit_code?: number;
  started_at: string;
  ended_at?: string;
}

export interface TaskView {
  id: string;
  node_index: number;
  status: string;
  agent?: string;
  message?: string;
  steps: StepView[];
}

@UseGuards(AuthGuard)
@Controller('api/rotunda/v1/jobs/:id')
export class StepsController {
  constructor(
    private readonly database: DataSource,
    private readonly output: OutputStore,
  ) {}

  @Get('steps')
  async steps(@Param('id') jobId: string): Promise<{ items: TaskView[] }> {
    const tasks = isUuid(jobId)
      ? await this.database.manager.find(TaskEntity, { where: { jobId }, order: { nodeIndex: 'ASC' } })
      : [];
    if (tasks.length === 0) throw new NotFoundError('JOB.NOT_FOUND', 'Job not found');
    const steps = await this.database.manager.find(StepEntity, { where: { jobId }, order: { index: 'ASC' } });
    return {
      items: tasks.map((task) =>
        taskView(
          task,
          steps.filter((step) => step.taskId === task.id),
        ),
      ),
    };
  }

  @Get('tasks/:node/steps/:index/output')
  async read(
    @Param('id') jobId: string,
    @Param('node', ParseIntPipe) nodeIndex: number,
    @Param('index', ParseIntPipe) step: number,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const task = isUuid(jobId) ? await findRow(this.database, TaskEntity, { jobId, nodeIndex }) : null;
    if (!task) throw new NotFoundError('JOB.NOT_FOUND', 'Job not found');
    const length = await this.output.length(task.id, step);
    const type = 'text/plain; charset=utf-8';
    void reply.header('accept-ranges', 'bytes').header('cache-control', 'no-store');
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) return new StreamableFile(await this.output.read(task.id, step, 0, length), { type, length });
    const start = Number(range[1]);
    const end = range[2] === '' ? length : Math.min(Number(range[2]) + 1, length);
    if (start >= end) {
      void reply.status(416).header('content-range', `bytes */${length}`);
      return undefined;
    }
    void reply.status(206).header('content-range', `bytes ${start}-${end - 1}/${length}`);
    return new StreamableFile(await this.output.read(task.id, step, start, end), {
      type,
      length: end - start,
    });
  }
}

function taskView(task: TaskEntity, steps: StepEntity[]): TaskView {
  return {
    id: task.id,
    node_index: task.nodeIndex,
    status: task.state,
    agent: task.agentName ?? undefined,
    message: task.message ?? undefined,
    steps: steps.map((step) => ({
      index: step.index,
      name: step.name,
      type: step.type,
      command: step.command ?? undefined,
      status: step.status,
      exit_code: step.exitCode ?? undefined,
      started_at: step.startedAt.toISOString(),
      ended_at: step.endedAt?.toISOString(),
    })),
  };
}
