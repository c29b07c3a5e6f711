// Looks after leases: gives up tasks of lost agents, and wakes those who wait for tasks.
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { LOGGER, SETTINGS } from '../../platform/tokens.js';
import { Dispatcher } from './dispatcher.js';
import { Leases } from './leases.js';
import { QUEUED, TaskSignals } from './task-signals.js';

@Injectable()
export class DispatcherCron {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly leases: Leases,
    private readonly signals: TaskSignals,
    private readonly followers: FollowerHost,
    private readonly database: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Wakes the long polls of this process whenever the read model has news for them. */
  listen(): void {
    this.followers.onProjected((projection, events) => {
      if (projection !== 'tasks') return;
      for (const { type, data } of events) {
        if (type === 'JobQueued' || type === 'TaskRequeued') this.signals.notify(QUEUED);
        else if (type === 'TaskCancelRequested' || type === 'TaskEnded')
          this.signals.notify((data as { taskId: string }).taskId);
      }
    });
  }

  /** Renews every lease once, since nobody could while the server was away, then looks for lost agents. */
  async start(): Promise<void> {
    await this.leases.renewAll(this.settings.leaseSeconds);
    const every = Math.max((this.settings.leaseSeconds * 1000) / 5, 500);
    this.timer = setInterval(() => (this.running = this.tick()), every);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async tick(): Promise<void> {
    try {
      const lost = await this.dispatcher.reapLost();
      if (lost > 0) this.logger.warn({ tasks: lost }, 'gave up tasks whose agent is gone');
    } catch (error) {
      if (this.database.isInitialized) this.logger.warn({ err: error }, 'could not look for lost agents');
    }
  }
}
