// The table of projects.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ProjectEntity } from './project.entity.js';
import type { ProjectEvent } from './project.events.js';

export class ProjectProjection implements Projection {
  readonly name = 'projects';
  readonly tables = ['project'];
  readonly eventTypes = ['ProjectCreated', 'ProjectRepositoryChanged'] satisfies ProjectEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & ProjectEvent;
      if (type === 'ProjectCreated') {
        const { projectId, ...facts } = data;
        await insertRows(db, ProjectEntity, { ...facts, id: projectId, createdAt: recorded.time });
      } else {
        await updateRows(db, ProjectEntity, data.projectId, {
          vcsUrl: data.vcsUrl,
          defaultBranch: data.defaultBranch,
        });
      }
    }
  }
}
