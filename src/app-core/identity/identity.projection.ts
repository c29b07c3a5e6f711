// The tables of users and tokens.
import { deleteRows, insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ApiTokenEntity, UserEntity } from './identity.entity.js';
import type { IdentityEvent } from './identity.events.js';

export class IdentityProjection implements Projection {
  readonly name = 'identity';
  readonly tables = ['app_user', 'api_token'];
  readonly eventTypes = [
    'UserCreated',
    'ApiTokenIssued',
    'ApiTokenRevoked',
  ] satisfies IdentityEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & IdentityEvent;
      const createdAt = recorded.time;
      switch (type) {
        case 'UserCreated':
          await insertRows(db, UserEntity, {
            id: data.userId,
            login: data.login,
            name: data.name,
            createdAt,
          });
          break;
        case 'ApiTokenIssued': {
          const { tokenId, resourceClasses = null, ...facts } = data;
          await insertRows(db, ApiTokenEntity, { ...facts, id: tokenId, resourceClasses, createdAt });
          break;
        }
        case 'ApiTokenRevoked':
          await deleteRows(db, ApiTokenEntity, { id: data.tokenId });
      }
    }
  }
}
