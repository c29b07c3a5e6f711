// The table of allowed URL orbs.
import { insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { UrlOrbPrefixEntity } from './url-orb-prefix.entity.js';
import type { UrlOrbPrefixEvent } from './url-orb-prefix.events.js';

export class UrlOrbPrefixProjection implements Projection {
  readonly name = 'url-orb-prefixes';
  readonly tables = ['url_orb_prefix'];
  readonly eventTypes = ['UrlOrbPrefixAllowed', 'UrlOrbPrefixRemoved'] satisfies UrlOrbPrefixEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & UrlOrbPrefixEvent;
      if (type === 'UrlOrbPrefixAllowed') {
        await insertRows(db, UrlOrbPrefixEntity, { ...data, createdAt: recorded.time });
      } else {
        await db.query('DELETE FROM url_orb_prefix WHERE id = $1', [data.id]);
      }
    }
  }
}
