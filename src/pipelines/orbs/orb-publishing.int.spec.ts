// Publishing on a real log and its tables: what is published compiles, never changes, and its imports are settled.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { entities } from '../../boot/entities.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import type { LogPosition } from '../../platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../platform/event-store/postgres/postgres-event-store.js';
import { nameId, newId } from '../../platform/ids/ids.js';
import { compile, compileOrb } from '../config/index.js';
import { namespaceDecider } from './namespace.decider.js';
import { OrbPublishing } from './orb-publishing.js';
import { OrbProjection } from './orb.projection.js';
import { OrbSources } from './orb-sources.js';
import { PostgresOrbRegistry } from './postgres-orb-registry.js';
import { UrlOrbFetcher } from './url-orb-fetcher.js';
import { PostgresUrlOrbPrefixes } from './url-orb-prefixes.js';

const OURS = nameId('organization', 'ours');
const START = Date.parse('2026-01-01T00:00:00.000Z');
const DAY = 86_400_000;

let base: TestDatabase;
let database: DataSource;
let store: PostgresEventStore;
let publishing: OrbPublishing;
let aggregates: Aggregates;
let orbs: OrbSources;
let projected: LogPosition;
let now = START;
/** A namespace of each test's own. */
let acme: string;

beforeAll(async () => {
  base = await createTestDatabase();
  database = await openDatabase({ url: base.url, poolSize: 2, entities, migrations });
  store = await PostgresEventStore.open({ url: base.url });
  aggregates = new Aggregates(store);
  const clock = { now: () => new Date(now) };
  orbs = new OrbSources(
    new PostgresOrbRegistry(database),
    new PostgresUrlOrbPrefixes(database),
    new UrlOrbFetcher(),
    clock,
  );
  publishing = new OrbPublishing(aggregates, { compileOrb }, orbs, clock);
  projected = await store.head();
}, 120_000);
afterAll(async () => {
  await store?.close();
  await database?.destroy();
  await base?.drop();
});
beforeEach(async () => {
  now = START;
  acme = `acme-${newId().slice(-12)}`;
  await aggregates.execute(
    namespaceDecider,
    `namespace-${acme}`,
    { type: 'CreateNamespace', name: acme, organizationId: OURS },
    by(),
  );
});

function by() {
  return requestContext(SYSTEM);
}

/** Brings the tables to the end of the log. */
async function project(): Promise<void> {
  const projection = new OrbProjection();
  const page = await store.readAll(projected, { types: projection.eventTypes });
  await database.transaction((db) => projection.project(page.events, db));
  projected = page.next;
}

async function publish(name: string, version: Parameters<OrbPublishing['publish']>[1], source: string) {
  const outcome = await publishing.publish(`${acme}/${name}`, version, source, by());
  await project();
  return outcome;
}

const command = (text: string) => `version: 2.1\ncommands: {hi: {steps: [{run: ${text}}]}}`;

/** What a config makes of `hi` of an orb. */
async function hi(reference: string, organizationId = OURS): Promise<unknown> {
  const source = `version: 2.1
orbs: {o: ${reference}}
jobs: {build: {docker: [{image: a}], steps: [o/hi]}}`;
  const result = await compile({ source, parameters: {}, values: {}, orbs: orbs.for(organizationId) });
  return result.ok ? result.document.jobs['build']!['steps'] : result.errors.map(({ message }) => message);
}

const steps = (text: string) => [{ run: { command: text } }];

describe('OrbPublishing', () => {
  test('a dev version is tried, changed and promoted', async () => {
    await publishing.create(`${acme}/tool`, false, by());
    await publish('tool', 'dev:first', command('one'));
    expect(await hi(`${acme}/tool@dev:first`)).toEqual(steps('one'));
    await publish('tool', 'dev:first', command('two'));
    expect(await hi(`${acme}/tool@dev:first`)).toEqual(steps('two'));
    const promoted = await publishing.promote(`${acme}/tool`, 'first', { increment: 'patch' }, by());
    expect(promoted).toMatchObject({ events: [{ data: { version: '0.0.1', promotedFrom: 'first' } }] });
    await publish('tool', 'dev:first', command('three'));
    expect(await hi(`${acme}/tool@0.0.1`)).toEqual(steps('two'));
    now = START + 91 * DAY;
    expect(await hi(`${acme}/tool@dev:first`)).toEqual([
      `Cannot find ${acme}/tool@dev:first in the orb registry. Check that the namespace, orb name and version are correct.`,
    ]);
    expect(await hi(`${acme}/tool@volatile`)).toEqual(steps('two'));
  });

  test('what an orb imports is settled when it is published', async () => {
    for (const name of ['base', 'tool']) await publishing.create(`${acme}/${name}`, false, by());
    await publish('base', '1.0.0', command('old'));
    await publish(
      'tool',
      '1.0.0',
      `version: 2.1\norbs: {base: ${acme}/base@volatile}\ncommands: {hi: base/hi}`,
    );
    await publish('base', { increment: 'major' }, command('new'));
    expect(await hi(`${acme}/base@volatile`)).toEqual(steps('new'));
    expect(await hi(`${acme}/tool@1`)).toEqual(steps('old'));
  });

  test('an orb that does not compile is not published', async () => {
    await publishing.create(`${acme}/tool`, false, by());
    await expect(
      publish('tool', '1.0.0', 'version: 2.1\ncommands: {hi: {steps: [nothing]}}'),
    ).rejects.toThrow("Error calling command: 'hi'\nCannot find a definition for command named nothing");
    await expect(
      publish('tool', '1.0.0', `version: 2.1\norbs: {base: ${acme}/base@1}\ncommands: {}`),
    ).rejects.toThrow(`Cannot find ${acme}/base@1 in the orb registry.`);
    expect(await hi(`${acme}/tool@volatile`)).toEqual([expect.stringContaining('Cannot find')]);
  });

  test('an orb needs its namespace', async () => {
    await expect(publishing.create('nobody-has-this/tool', false, by())).rejects.toThrow(
      'Namespace nobody-has-this does not exist.',
    );
    await expect(publish('never-created', '1.0.0', command('x'))).rejects.toThrow('Orb does not exist.');
  });

  test('a private orb is found by its own organisation, also by the orbs of it', async () => {
    await publishing.create(`${acme}/secret`, true, by());
    await publishing.create(`${acme}/tool`, false, by());
    await publish('secret', '1.0.0', command('secret'));
    await publish('tool', '1.0.0', `version: 2.1\norbs: {s: ${acme}/secret@1}\ncommands: {hi: s/hi}`);
    expect(await hi(`${acme}/secret@1`)).toEqual(steps('secret'));
    const theirs = nameId('organization', 'theirs');
    expect(await hi(`${acme}/secret@1`, theirs)).toEqual([expect.stringContaining('Cannot find')]);
    expect(await hi(`${acme}/tool@1`, theirs)).toEqual([
      expect.stringContaining(`Cannot find ${acme}/secret@1.0.0`),
    ]);
  });

  test('an import makes what it needs, older versions after newer ones, the same again once', async () => {
    const there = `imported-${newId().slice(-12)}`;
    const take = async (version: string, text: string) => {
      const outcome = await publishing.import(`${there}/tool`, version, command(text), by());
      await project();
      return outcome;
    };
    await take('2.0.0', 'two');
    await take('1.0.0', 'one');
    expect(await take('1.0.0', 'one')).toMatchObject({ nothing: 'this version was imported before' });
    await expect(take('1.0.0', 'other')).rejects.toThrow('production versions never change');
    expect(await hi(`${there}/tool@1`)).toEqual(steps('one'));
    expect(await hi(`${there}/tool@volatile`)).toEqual(steps('two'));
  });
});
