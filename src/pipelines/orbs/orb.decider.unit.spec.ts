// An orb: what may be published, in which order, and for how long.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { orbDecider, type OrbCommand } from './orb.decider.js';
import type { OrbEvent } from './orb.events.js';

const orbId = 'orb1';
const facts = { orbId, namespace: 'acme', name: 'acme/tool', isPrivate: false };
const text = { source: 'version: 2.1', dependencies: {} };
const created = event<OrbEvent>('OrbCreated', facts);
const published = (version: string, source = text.source): OrbEvent =>
  event<OrbEvent>('OrbVersionPublished', { orbId, version, ...text, source });
const dev = (expiresAt: string, source = 'dev text'): OrbEvent =>
  event<OrbEvent>('OrbDevVersionPublished', { orbId, label: 'first', ...text, source, expiresAt });
const after = (given: OrbEvent[], command: OrbCommand) => decideAfter(orbDecider, given, command);

describe('CreateOrb', () => {
  const create = (change: Partial<typeof facts> = {}): OrbCommand => ({
    type: 'CreateOrb',
    ...facts,
    ...change,
  });
  it('records the orb', () => {
    expect(after([], create())).toEqual({ events: [['OrbCreated', facts]] });
  });
  it.each(['acme', 'acme/Tool', 'acme/tool/x', 'other/tool', 'acme/'])('refuses the name "%s"', (name) => {
    expect(after([], create({ name }))).toEqual({
      error: `InvalidInputError ORB.NAME: "${name}" is not the name of an orb such as acme/tool`,
    });
  });
  it('refuses to make a public orb private', () => {
    expect(after([created], create({ isPrivate: true }))).toEqual({
      error: 'ConflictError ORB.EXISTS: orb acme/tool exists and is public',
    });
  });
  it('does nothing when it is there', () => {
    expect(after([created], create())).toEqual({ nothing: 'the orb exists' });
  });
});

describe('PublishOrbVersion', () => {
  const publish = (version: string): OrbCommand => ({
    type: 'PublishOrbVersion',
    orbId,
    next: { version },
    ...text,
  });
  const increment = (part: 'major' | 'minor' | 'patch'): OrbCommand => ({
    type: 'PublishOrbVersion',
    orbId,
    next: { increment: part },
    ...text,
  });
  const recorded = (version: string) => ({
    events: [['OrbVersionPublished', { orbId, version, ...text }]],
  });
  it('records a version', () => {
    expect(after([created], publish('1.2.3'))).toEqual(recorded('1.2.3'));
  });
  it.each([
    [[], 'patch', '0.0.1'],
    [[], 'minor', '0.1.0'],
    [[], 'major', '1.0.0'],
    [['1.2.9', '1.2.10'], 'patch', '1.2.11'],
    [['2.0.0', '1.9.9'], 'minor', '2.1.0'],
    [['1.9.9', '10.0.1', '9.0.0'], 'major', '11.0.0'],
  ] as const)('after %j a %s is %s', (versions, part, expected) => {
    const given = [created, ...versions.map((version) => published(version))];
    expect(after(given, increment(part))).toEqual(recorded(expected));
  });
  it('lets an older minor version be mended', () => {
    expect(after([created, published('1.2.3'), published('2.0.0')], publish('1.2.4'))).toEqual(
      recorded('1.2.4'),
    );
  });
  it('refuses a number that goes back', () => {
    expect(after([created, published('1.2.3')], publish('1.2.2'))).toEqual({
      error: 'ConflictError ORB.VERSION_GOES_BACK: acme/tool@1.2.2 cannot be published: 1.2.3 is newer',
    });
  });
  it('refuses a version that is there, even with the same text', () => {
    expect(after([created, published('1.2.3')], publish('1.2.3'))).toEqual({
      error:
        'ConflictError ORB.VERSION_EXISTS: acme/tool@1.2.3 is published already: production versions never change',
    });
  });
  it.each(['1.2', '1', 'volatile', 'dev:x', '1.2.3-rc1', '01.2.3'])('refuses "%s"', (version) => {
    expect(after([created], publish(version))).toEqual({
      error: `InvalidInputError ORB.VERSION: "${version}" is not a version such as 1.2.3`,
    });
  });
  it('refuses an orb that was not created', () => {
    expect(after([], publish('1.0.0'))).toEqual({
      error: 'NotFoundError ORB.NOT_FOUND: Orb does not exist.',
    });
  });
});

describe('ImportOrbVersion', () => {
  const take = (version: string, source = text.source): OrbCommand => ({
    type: 'ImportOrbVersion',
    orbId,
    version,
    ...text,
    source,
  });
  it('records any version that is free, older ones too', () => {
    expect(after([created, published('2.0.0')], take('1.0.0'))).toEqual({
      events: [['OrbVersionPublished', { orbId, version: '1.0.0', ...text }]],
    });
  });
  it('refuses another text for a version that is there', () => {
    expect(after([created, published('1.0.0')], take('1.0.0', 'other'))).toHaveProperty(
      'error',
      expect.stringContaining('ORB.VERSION_EXISTS'),
    );
  });
  it('does nothing when it was imported before', () => {
    expect(after([created, published('1.0.0')], take('1.0.0'))).toEqual({
      nothing: 'this version was imported before',
    });
  });
});

describe('dev versions', () => {
  const publish: OrbCommand = {
    type: 'PublishDevVersion',
    orbId,
    label: 'first',
    now: '2026-01-01T00:00:00.000Z',
    ...text,
  };
  const promote = (now: string, label = 'first'): OrbCommand => ({
    type: 'PromoteDevVersion',
    orbId,
    label,
    next: { increment: 'patch' },
    now,
  });
  it('live for 90 days from their last publication', () => {
    expect(after([created, dev('2026-01-02T00:00:00.000Z')], publish)).toEqual({
      events: [
        ['OrbDevVersionPublished', { orbId, label: 'first', ...text, expiresAt: '2026-04-01T00:00:00.000Z' }],
      ],
    });
  });
  it('are refused with a label that no reference could hold', () => {
    expect(after([created], { ...publish, label: 'a b' })).toHaveProperty(
      'error',
      expect.stringContaining('"dev:a b" is not a dev version'),
    );
  });
  it('are promoted with the text they have now, the first one to 0.0.1', () => {
    const given = [created, dev('2026-03-01T00:00:00.000Z', 'old'), dev('2026-04-01T00:00:00.000Z', 'new')];
    expect(after(given, promote('2026-03-31T00:00:00.000Z'))).toEqual({
      events: [
        [
          'OrbVersionPublished',
          { orbId, version: '0.0.1', source: 'new', dependencies: {}, promotedFrom: 'first' },
        ],
      ],
    });
  });
  it.each([
    ['first', '2026-04-01T00:00:00.000Z'],
    ['other', '2026-01-01T00:00:00.000Z'],
  ])('%s cannot be promoted at %s', (label, now) => {
    expect(after([created, dev('2026-04-01T00:00:00.000Z')], promote(now, label))).toEqual({
      error: `NotFoundError ORB.NO_DEV_VERSION: Cannot find acme/tool@dev:${label}`,
    });
  });
});

describe('ChangeOrbListing', () => {
  const list = (listed: boolean): OrbCommand => ({ type: 'ChangeOrbListing', orbId, listed });
  it('records the change', () => {
    expect(after([created], list(false))).toEqual({
      events: [['OrbListingChanged', { orbId, listed: false }]],
    });
  });
  it('refuses an orb that was not created', () => {
    expect(after([], list(false))).toHaveProperty('error');
  });
  it('does nothing when it is so already', () => {
    expect(after([created], list(true))).toEqual({ nothing: 'it is listed so already' });
  });
});

describe('ChangeOrbCategories', () => {
  const put = (...categories: string[]): OrbCommand => ({
    type: 'ChangeOrbCategories',
    orbId,
    categories,
  });
  const inBoth = event<OrbEvent>('OrbCategoriesChanged', { orbId, categories: ['Build', 'Deployment'] });
  it('records all of them', () => {
    expect(after([created], put('Build', 'Deployment'))).toEqual({
      events: [['OrbCategoriesChanged', { orbId, categories: ['Build', 'Deployment'] }]],
    });
  });
  it('refuses a third one in the words of the original', () => {
    expect(after([created, inBoth], put('Build', 'Deployment', 'Testing'))).toEqual({
      error:
        'ConflictError ORB.CATEGORIES: Orbs may only belong to 2 category(s). This orb has already been placed under the following category(s): Build,Deployment.',
    });
  });
  it('refuses one that there is not', () => {
    expect(after([created], put('Magic'))).toEqual({
      error: 'InvalidInputError ORB.CATEGORY: category Magic does not exist',
    });
  });
  it('does nothing when it is so already', () => {
    expect(after([created, inBoth], put('Build', 'Deployment'))).toEqual({
      nothing: 'it is in these categories already',
    });
  });
});
