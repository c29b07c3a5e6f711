// The table of the variables of projects. Values stay sealed.
import { deleteRows, upsertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ProjectVariableEntity } from './project-variable.entity.js';
import type { ProjectVariableEvent } from './project-variable.events.js';

export class ProjectVariableProjection implements Projection {
  readonly name = 'project-variables';
  readonly tables = ['project_variable'];
  readonly eventTypes = [
    'ProjectVariableStored',
    'ProjectVariableRemoved',
  ] satisfies ProjectVariableEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & ProjectVariableEvent;
      const { projectId, name } = data;
      if (type === 'ProjectVariableStored')
        await upsertRows(db, ProjectVariableEntity, { ...data, createdAt: recorded.time });
      else await deleteRows(db, ProjectVariableEntity, { projectId, name });
    }
  }
}
