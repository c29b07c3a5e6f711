// The tables of contexts and their variables. Values stay sealed.
import { deleteRows, insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ContextEntity, ContextVariableEntity } from './context.entity.js';
import type { ContextEvent } from './context.events.js';

const STORE = `
INSERT INTO context_variable (context_id, name, sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (context_id, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`;

export class ContextProjection implements Projection {
  readonly name = 'contexts';
  readonly tables = ['context', 'context_variable'];
  readonly eventTypes = [
    'ContextCreated',
    'ContextDeleted',
    'ContextVariableStored',
    'ContextVariableRemoved',
  ] satisfies ContextEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & ContextEvent;
      const { contextId } = data;
      switch (type) {
        case 'ContextCreated': {
          const { organizationId, name } = data;
          await insertRows(db, ContextEntity, {
            id: contextId,
            organizationId,
            name,
            createdAt: recorded.time,
          });
          break;
        }
        case 'ContextDeleted':
          await deleteRows(db, ContextVariableEntity, { contextId });
          await deleteRows(db, ContextEntity, { id: contextId });
          break;
        case 'ContextVariableStored':
          await db.query(STORE, [contextId, data.name, data.sealed, recorded.time]);
          break;
        case 'ContextVariableRemoved':
          await deleteRows(db, ContextVariableEntity, { contextId, name: data.name });
      }
    }
  }
}
