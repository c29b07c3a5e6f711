// What every orb registry must do, whatever keeps it.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { nameId } from '../../platform/ids/ids.js';
import { event } from '../../platform/event-store/event-of.js';
import { parseOrbReference, type RegistryReference } from '../config/index.js';
import type { NamespaceEvent } from './namespace.events.js';
import type { OrbRegistry } from './orb-registry.port.js';
import type { OrbEvent } from './orb.events.js';

export interface RegistryUnderTest {
  registry: OrbRegistry;
  take(...events: (NamespaceEvent | OrbEvent)[]): Promise<void>;
}

const now = new Date('2026-01-01T00:00:00.000Z');
const [OURS, THEIRS] = [nameId('organization', 'ours'), nameId('organization', 'theirs')];
const reference = (text: string): RegistryReference => parseOrbReference(text) as RegistryReference;

const namespaceCreated = (name: string, organizationId?: string): NamespaceEvent =>
  event<NamespaceEvent>('NamespaceCreated', { name, ...(organizationId && { organizationId }) });
const orbCreated = (name: string, isPrivate = false): OrbEvent =>
  event<OrbEvent>('OrbCreated', {
    orbId: nameId('orb', name),
    namespace: name.split('/')[0]!,
    name,
    isPrivate,
  });
const published = (name: string, version: string, dependencies: Record<string, string> = {}): OrbEvent =>
  event<OrbEvent>('OrbVersionPublished', {
    orbId: nameId('orb', name),
    version,
    source: `text of ${version}`,
    dependencies,
  });
const dev = (name: string, label: string, source: string, expiresAt: string): OrbEvent =>
  event<OrbEvent>('OrbDevVersionPublished', {
    orbId: nameId('orb', name),
    label,
    source,
    dependencies: {},
    expiresAt,
  });

export function orbRegistryContract(name: string, make: () => Promise<RegistryUnderTest>): void {
  describe(`orb registry: ${name}`, () => {
    let under: RegistryUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    const found = async (text: string, organizationId?: string): Promise<string | undefined> =>
      (await under.registry.find(reference(text), { organizationId, now }))?.resolvedReference;

    test('a reference means the newest version that fits it', async () => {
      const versions = ['1.2.9', '1.2.10', '0.9.0', '1.10.0', '2.0.0', '1.9.7'];
      await under.take(
        namespaceCreated('acme'),
        orbCreated('acme/tool'),
        ...versions.map((version) => published('acme/tool', version)),
        dev('acme/tool', 'first', 'dev text', '2026-02-01T00:00:00.000Z'),
        orbCreated('acme/tool-2'),
        published('acme/tool-2', '9.9.9'),
      );
      const expected: [string, string | undefined][] = [
        ['acme/tool@1.2.9', 'acme/tool@1.2.9'],
        ['acme/tool@1.2', 'acme/tool@1.2.10'],
        ['acme/tool@1', 'acme/tool@1.10.0'],
        ['acme/tool@volatile', 'acme/tool@2.0.0'],
        ['acme/tool@dev:first', 'acme/tool@dev:first'],
        ['acme/tool@dev:other', undefined],
        ['acme/tool@3', undefined],
        ['acme/tool@1.2.11', undefined],
        ['acme/other@1', undefined],
        ['other/tool@1', undefined],
      ];
      for (const [text, meant] of expected) expect([text, await found(text)]).toEqual([text, meant]);
    });

    test('text and settled imports come with it', async () => {
      const dependencies = { 'acme/base@volatile': 'acme/base@1.0.0' };
      await under.take(
        namespaceCreated('acme'),
        orbCreated('acme/tool'),
        published('acme/tool', '1.0.0', dependencies),
      );
      expect(await under.registry.find(reference('acme/tool@1'), { now })).toEqual({
        source: 'text of 1.0.0',
        dependencies,
        resolvedReference: 'acme/tool@1.0.0',
      });
    });

    test('a dev version changes, and is gone when it has expired', async () => {
      const at = (time: string) =>
        under.registry.find(reference('acme/tool@dev:first'), { now: new Date(time) });
      await under.take(
        namespaceCreated('acme'),
        orbCreated('acme/tool'),
        dev('acme/tool', 'first', 'old', '2026-02-01T00:00:00.000Z'),
      );
      expect(await at('2026-01-31T23:59:59.999Z')).toMatchObject({ source: 'old' });
      expect(await at('2026-02-01T00:00:00.000Z')).toBeUndefined();
      await under.take(dev('acme/tool', 'first', 'new', '2026-03-01T00:00:00.000Z'));
      expect(await at('2026-02-01T00:00:00.000Z')).toMatchObject({ source: 'new' });
      expect(await found('acme/tool@volatile')).toBeUndefined();
    });

    test('a private orb is for its own organisation', async () => {
      await under.take(
        namespaceCreated('acme', OURS),
        orbCreated('acme/secret', true),
        published('acme/secret', '1.0.0'),
        orbCreated('acme/open'),
        published('acme/open', '1.0.0'),
      );
      expect(await found('acme/secret@1', OURS)).toBe('acme/secret@1.0.0');
      expect(await found('acme/secret@1', THEIRS)).toBeUndefined();
      expect(await found('acme/secret@1')).toBeUndefined();
      expect(await found('acme/open@1', THEIRS)).toBe('acme/open@1.0.0');
    });

    test('a private orb of a namespace without an owner is for nobody', async () => {
      await under.take(
        namespaceCreated('imported'),
        orbCreated('imported/secret', true),
        published('imported/secret', '1.0.0'),
      );
      expect(await found('imported/secret@1', OURS)).toBeUndefined();
      expect(await found('imported/secret@1')).toBeUndefined();
    });

    test('an unlisted orb is found all the same', async () => {
      await under.take(
        namespaceCreated('acme'),
        orbCreated('acme/tool'),
        published('acme/tool', '1.0.0'),
        event<OrbEvent>('OrbListingChanged', { orbId: nameId('orb', 'acme/tool'), listed: false }),
        event<OrbEvent>('OrbCategoriesChanged', {
          orbId: nameId('orb', 'acme/tool'),
          categories: ['Build'],
        }),
      );
      expect(await found('acme/tool@1')).toBe('acme/tool@1.0.0');
    });
  });
}
