// The rules of an organisation's list of allowed URL orbs: https, whole folders, five entries.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { record, type Decider } from '../../platform/event-store/decider.js';
import { urlOrbPrefixEvents, type UrlOrbPrefix, type UrlOrbPrefixEvent } from './url-orb-prefix.events.js';

export type UrlOrbPrefixCommand =
  | ({ type: 'AllowUrlOrbPrefix'; organizationId: string } & UrlOrbPrefix)
  | { type: 'RemoveUrlOrbPrefix'; organizationId: string; id: string };

/** The entries by id. */
export type UrlOrbPrefixState = ReadonlyMap<string, UrlOrbPrefix>;

const MOST = 5;
const AUTH: readonly string[] = ['none', 'github-oauth', 'github-app', 'bitbucket-oauth'];

export const urlOrbPrefixDecider: Decider<UrlOrbPrefixCommand, UrlOrbPrefixState, UrlOrbPrefixEvent> = {
  events: urlOrbPrefixEvents,
  initialState: () => new Map(),

  decide(command, state) {
    if (command.type === 'RemoveUrlOrbPrefix') {
      const { organizationId, id } = command;
      if (!state.has(id)) throw new NotFoundError('URL_ORB.NOT_FOUND', 'Allow-list entry not found');
      return record(event<UrlOrbPrefixEvent>('UrlOrbPrefixRemoved', { organizationId, id }));
    }
    const { type: _, ...entry } = command;
    if (entry.name.trim() === '') throw new InvalidInputError('URL_ORB.NAME', 'an entry needs a name');
    if (!AUTH.includes(entry.auth))
      throw new InvalidInputError('URL_ORB.AUTH', `"${entry.auth}" is none of ${AUTH.join(', ')}`);
    checkPrefix(entry.prefix);
    if (state.size >= MOST) {
      throw new ConflictError('URL_ORB.TOO_MANY', `an organization may have ${MOST} allow-list entries`);
    }
    const twin = [...state.values()].find(
      ({ prefix, auth }) => prefix === entry.prefix && auth === entry.auth,
    );
    if (twin) throw new ConflictError('URL_ORB.EXISTS', `${entry.prefix} is in the list as ${twin.name}`);
    return record(event<UrlOrbPrefixEvent>('UrlOrbPrefixAllowed', entry));
  },

  evolve(state, { type, data }) {
    const next = new Map(state);
    if (type === 'UrlOrbPrefixRemoved') next.delete(data.id);
    else next.set(data.id, { id: data.id, name: data.name, prefix: data.prefix, auth: data.auth });
    return next;
  },
};

/** A prefix that is no whole folder of one host would allow more than it says. */
function checkPrefix(prefix: string): void {
  const wrong = (why: string): InvalidInputError =>
    new InvalidInputError('URL_ORB.PREFIX', `"${prefix}" cannot be a prefix of URL orbs: ${why}`);
  if (!prefix.startsWith('https://')) throw wrong('it must begin with https://');
  if (!prefix.endsWith('/')) throw wrong('it must end with /');
  let url: URL;
  try {
    url = new URL(prefix);
  } catch {
    throw wrong('it is no URL');
  }
  if (url.username !== '' || url.password !== '') throw wrong('it may hold no user name or password');
  if (url.search !== '' || url.hash !== '') throw wrong('it may hold no query and no fragment');
  if (url.href !== prefix) throw wrong(`write it as ${url.href}`);
}
