// The rules of an orb: production versions are for ever and their numbers do not go back, dev versions change and expire.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider, type Decision } from '../../platform/event-store/decider.js';
import { compareVersions, exactVersion, isOrbNamePart, parseVersion } from '../config/orbs/reference.js';
import { checkCategories } from './categories.js';
import { orbEvents, type OrbEvent, type OrbFacts, type OrbSource } from './orb.events.js';

/** A whole version, or which number of the newest one goes up. */
export type NextVersion = { version: string } | { increment: 'major' | 'minor' | 'patch' };

export type OrbCommand =
  | ({ type: 'CreateOrb' } & OrbFacts)
  | ({ type: 'PublishOrbVersion'; orbId: string; next: NextVersion } & OrbSource)
  /** A version of another registry: any number that is free, and the same again is no fault. */
  | ({ type: 'ImportOrbVersion'; orbId: string; version: string } & OrbSource)
  /** `now` and later times are ISO 8601. */
  | ({ type: 'PublishDevVersion'; orbId: string; label: string; now: string } & OrbSource)
  | { type: 'PromoteDevVersion'; orbId: string; label: string; next: NextVersion; now: string }
  | { type: 'ChangeOrbListing'; orbId: string; listed: boolean }
  | { type: 'ChangeOrbCategories'; orbId: string; categories: string[] };

export interface OrbState {
  facts?: OrbFacts;
  /** Sources by production version, to know an import that is repeated. */
  versions: ReadonlyMap<string, string>;
  dev: ReadonlyMap<string, OrbSource & { expiresAt: string }>;
  listed: boolean;
  categories: readonly string[];
}

/** Dev versions live this long after they were published last (LANGUAGE C-121). */
const DEV_DAYS = 90;

export const orbDecider: Decider<OrbCommand, OrbState, OrbEvent> = {
  events: orbEvents,
  initialState: () => ({ versions: new Map(), dev: new Map(), listed: true, categories: [] }),

  decide(command, state) {
    if (command.type === 'CreateOrb') return createOrb(command, state);
    if (!state.facts) throw new NotFoundError('ORB.NOT_FOUND', 'Orb does not exist.');
    const { orbId } = command;
    switch (command.type) {
      case 'PublishOrbVersion': {
        const { next, source, dependencies } = command;
        const version = nextVersion(state, next);
        return record(event<OrbEvent>('OrbVersionPublished', { orbId, version, source, dependencies }));
      }
      case 'ImportOrbVersion':
        return importVersion(command, state);
      case 'PublishDevVersion': {
        const { label, now, source, dependencies } = command;
        if (parseVersion(`dev:${label}`) === undefined) {
          throw new InvalidInputError(
            'ORB.DEV_LABEL',
            `"dev:${label}" is not a dev version: the label has 1 to 1023 characters and no spaces`,
          );
        }
        const expiresAt = new Date(Date.parse(now) + DEV_DAYS * 86_400_000).toISOString();
        const data = { orbId, label, source, dependencies, expiresAt };
        return record(event<OrbEvent>('OrbDevVersionPublished', data));
      }
      case 'PromoteDevVersion': {
        const { label, now, next } = command;
        const dev = state.dev.get(label);
        if (!dev || dev.expiresAt <= now) {
          throw new NotFoundError('ORB.NO_DEV_VERSION', `Cannot find ${state.facts.name}@dev:${label}`);
        }
        const { source, dependencies } = dev;
        const version = nextVersion(state, next);
        const data = { orbId, version, source, dependencies, promotedFrom: label };
        return record(event<OrbEvent>('OrbVersionPublished', data));
      }
      case 'ChangeOrbListing':
        if (command.listed === state.listed) return nothing('it is listed so already');
        return record(event<OrbEvent>('OrbListingChanged', { orbId, listed: command.listed }));
      case 'ChangeOrbCategories':
        checkCategories(command.categories, state.categories);
        if (command.categories.join('\n') === state.categories.join('\n'))
          return nothing('it is in these categories already');
        return record(event<OrbEvent>('OrbCategoriesChanged', { orbId, categories: command.categories }));
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'OrbCreated':
        return { ...state, facts: data };
      case 'OrbVersionPublished':
        return { ...state, versions: new Map(state.versions).set(data.version, data.source) };
      case 'OrbDevVersionPublished': {
        const { label, source, dependencies, expiresAt } = data;
        return { ...state, dev: new Map(state.dev).set(label, { source, dependencies, expiresAt }) };
      }
      case 'OrbListingChanged':
        return { ...state, listed: data.listed };
      case 'OrbCategoriesChanged':
        return { ...state, categories: data.categories };
    }
  },
};

function createOrb(
  { type: _, ...facts }: Extract<OrbCommand, { type: 'CreateOrb' }>,
  state: OrbState,
): Decision<OrbEvent> {
  const [namespace, orb, more] = facts.name.split('/');
  const isName = [namespace, orb].every((part) => part !== undefined && isOrbNamePart(part));
  if (!isName || more !== undefined || namespace !== facts.namespace) {
    throw new InvalidInputError('ORB.NAME', `"${facts.name}" is not the name of an orb such as acme/tool`);
  }
  if (!state.facts) return record(event<OrbEvent>('OrbCreated', facts));
  if (state.facts.isPrivate === facts.isPrivate) return nothing('the orb exists');
  const kind = state.facts.isPrivate ? 'private' : 'public';
  throw new ConflictError('ORB.EXISTS', `orb ${facts.name} exists and is ${kind}`);
}

function importVersion(
  { orbId, version, source, dependencies }: Extract<OrbCommand, { type: 'ImportOrbVersion' }>,
  state: OrbState,
): Decision<OrbEvent> {
  requireExact(version);
  const known = state.versions.get(version);
  if (known === source) return nothing('this version was imported before');
  if (known !== undefined) throw taken(state, version);
  return record(event<OrbEvent>('OrbVersionPublished', { orbId, version, source, dependencies }));
}

/** The version that is asked for. Throws when it is taken, or when a newer one of its minor version is there. */
function nextVersion({ facts, versions }: OrbState, next: NextVersion): string {
  const published = [...versions.keys()].sort(compareVersions);
  if ('increment' in next) {
    const [major, minor, patch] = exactVersion(published.at(-1) ?? '0.0.0')!;
    if (next.increment === 'major') return `${major + 1}.0.0`;
    return next.increment === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
  }
  const { version } = next;
  const line = `${requireExact(version).slice(0, 2).join('.')}.`;
  if (versions.has(version)) throw taken({ facts }, version);
  const newest = published.filter((other) => other.startsWith(line)).at(-1);
  if (newest !== undefined && compareVersions(version, newest) < 0) {
    throw new ConflictError(
      'ORB.VERSION_GOES_BACK',
      `${facts!.name}@${version} cannot be published: ${newest} is newer`,
    );
  }
  return version;
}

function taken({ facts }: Pick<OrbState, 'facts'>, version: string): ConflictError {
  return new ConflictError(
    'ORB.VERSION_EXISTS',
    `${facts!.name}@${version} is published already: production versions never change`,
  );
}

function requireExact(version: string): readonly [number, number, number] {
  const numbers = exactVersion(version);
  if (numbers) return numbers;
  throw new InvalidInputError('ORB.VERSION', `"${version}" is not a version such as 1.2.3`);
}
