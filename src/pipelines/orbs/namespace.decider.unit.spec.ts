// A namespace: made once, for one organisation.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { namespaceDecider, type NamespaceCommand } from './namespace.decider.js';
import type { NamespaceEvent } from './namespace.events.js';

const facts = { name: 'acme', organizationId: 'o1' };
const created = event<NamespaceEvent>('NamespaceCreated', facts);
const create = (change: Partial<typeof facts> = {}): NamespaceCommand => ({
  type: 'CreateNamespace',
  ...facts,
  ...change,
});
const after = (given: NamespaceEvent[], command: NamespaceCommand) =>
  decideAfter(namespaceDecider, given, command);

describe('CreateNamespace', () => {
  it('records the namespace', () => {
    expect(after([], create())).toEqual({ events: [['NamespaceCreated', facts]] });
  });
  it('refuses one that another organization has', () => {
    expect(after([created], create({ organizationId: 'o2' }))).toEqual({
      error: 'ConflictError NAMESPACE.EXISTS: namespace acme belongs to another organization',
    });
  });
  it('does nothing when it is there', () => {
    expect(after([created], create())).toEqual({ nothing: 'the namespace exists' });
  });
  it.each(['', 'Acme', 'a b', 'a/b', '-a', 'ä', 'x'.repeat(101)])('refuses the name "%s"', (name) => {
    expect(after([], create({ name }))).toHaveProperty(
      'error',
      expect.stringContaining('is not a namespace'),
    );
  });
});
