// Workspace layers are kept for a time after they were made (LANGUAGE C-280, C-356).
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import { systemClock, type Clock } from '../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { WorkHandler, WorkItem } from '../../platform/queue/work-queue.port.js';
import { EVENT_STORE, SETTINGS } from '../../platform/tokens.js';
import { WorkspaceLayerEntity } from './workspace.entity.js';
import type { WorkspaceLayerRemoved } from './workspace.events.js';

export const EXPIRED_WORKSPACES_QUEUE = 'expired-workspaces';

export type ExpiredLayerWork = WorkspaceLayerRemoved['data'];

/** Nobody adds this work: the reconciler finds in the table what is due. */
@Injectable()
export class ExpiredWorkspacesHandler implements WorkHandler<ExpiredLayerWork> {
  readonly queue = EXPIRED_WORKSPACES_QUEUE;
  readonly concurrency = 1;
  readonly timeoutMs = 30_000;
  /** Set by tests. */
  clock: Clock = systemClock;

  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async perform(data: ExpiredLayerWork): Promise<void> {
    // A layer is never added again, so all removals of one are the same.
    const removed = { id: derivedId(data.layerId, 'removed'), type: 'WorkspaceLayerRemoved', data } as const;
    await this.store.append(`workspace-${data.workspaceId}`, 'any', [removed], requestContext(SYSTEM));
  }

  /** Nothing to record: the reconciler gives it again. */
  async exhausted(): Promise<void> {}

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<ExpiredLayerWork>[]> {
    if (this.settings.workspaceRetention === 0) return [];
    const due = new Date(this.clock.now().getTime() - this.settings.workspaceRetention);
    const rows = await this.database.manager.find(WorkspaceLayerEntity, {
      where: { createdAt: LessThan(due), ...(after !== undefined && { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id, workspaceId, blobKey }) => ({
      key: id,
      payload: { layerId: id, workspaceId, blobKey },
    }));
  }
}
