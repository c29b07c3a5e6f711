// Commands on jobs.
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { event } from '../../platform/event-store/event-of.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import { jobDecider, type JobCommand, type JobState } from './job.decider.js';
import type { JobEvent, JobFacts, JobNumberTaken } from './job.events.js';

export class OnJob extends Command<Outcome<JobState, JobEvent>> {
  constructor(
    readonly command: JobCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnJob)
export class OnJobHandler implements ICommandHandler<OnJob> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnJob): Promise<Outcome<JobState, JobEvent>> {
    return this.aggregates.execute(jobDecider, `job-${command.jobId}`, command, context);
  }
}

/** Queues a job and gives it the project's next job number. Given again, it gets the same number. */
export class QueueJob extends Command<void> {
  constructor(
    readonly facts: Omit<JobFacts, 'number'>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(QueueJob)
export class QueueJobHandler implements ICommandHandler<QueueJob> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  async execute({ facts, context }: QueueJob): Promise<void> {
    const taken = {
      id: derivedId(facts.jobId, 'number'),
      ...event<JobNumberTaken>('JobNumberTaken', { jobId: facts.jobId }),
    };
    const { revision } = await this.store.append(`jobNumbers-${facts.projectId}`, 'any', [taken], context);
    const command = { type: 'QueueJob', ...facts, number: revision + 1 } as const;
    await this.aggregates.execute(jobDecider, `job-${facts.jobId}`, command, context, { begins: true });
  }
}
