// Queued work: ends the waiting of who has waited in a serial group as long as one may (LANGUAGE C-309, C-355).
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import { systemClock, type Clock } from '../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import type { WorkHandler, WorkItem } from '../../platform/queue/work-queue.port.js';
import { OnSerialGroup } from './serial-group.commands.js';
import { SerialGroupTicketEntity } from './serial-group.entity.js';

export const SERIAL_GROUP_QUEUE = 'serial-group-waits';
export const WAIT_LIMIT_HOURS = 5;

export interface ExpireWaitWork {
  groupId: string;
  jobId: string;
}

/** Nobody adds this work: the reconciler finds what is due in the table, so it is late by no more than its pause. */
@Injectable()
export class SerialGroupWaitHandler implements WorkHandler<ExpireWaitWork> {
  readonly queue = SERIAL_GROUP_QUEUE;
  readonly concurrency = 1;
  readonly attempts = 4;
  readonly timeoutMs = 30_000;
  /** Set by tests. */
  clock: Clock = systemClock;

  constructor(
    private readonly database: DataSource,
    private readonly commands: CommandBus,
  ) {}

  async perform({ groupId, jobId }: ExpireWaitWork): Promise<void> {
    const command = { type: 'ExpireWait', groupId, jobId } as const;
    await this.commands.execute(new OnSerialGroup(command, requestContext(SYSTEM)));
  }

  /** Nothing to record: the reconciler gives it again. */
  async exhausted(): Promise<void> {}

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<ExpireWaitWork>[]> {
    const due = new Date(this.clock.now().getTime() - WAIT_LIMIT_HOURS * 3_600_000);
    const rows = await this.database.manager.find(SerialGroupTicketEntity, {
      select: { jobId: true, groupId: true },
      where: {
        state: 'waiting',
        since: LessThan(due),
        ...(after !== undefined && { jobId: MoreThan(after) }),
      },
      order: { jobId: 'ASC' },
      take: limit,
    });
    return rows.map(({ jobId, groupId }) => ({ key: jobId, payload: { groupId, jobId } }));
  }
}
