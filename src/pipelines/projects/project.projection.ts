// The table of projects.
import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ProjectEntity } from './project.entity.js';
import type { ProjectEvent } from './project.events.js';

export class ProjectProjection implements Projection {
  readonly name = 'projects';
  readonly tables = ['project'];
  readonly eventTypes = ['ProjectCreated', 'ProjectRepositoryChanged'] satisfies ProjectEvent['type'][];

  async project(events: readonly RecordedEvent[], db: EntityManager): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & ProjectEvent;
      if (type === 'ProjectCreated') {
        const { projectId, ...facts } = data;
        await db.insert(ProjectEntity, { ...facts, id: projectId, createdAt: recorded.time });
      } else {
        await db.update(ProjectEntity, data.projectId, {
          vcsUrl: data.vcsUrl,
          defaultBranch: data.defaultBranch,
        });
      }
    }
  }
}
