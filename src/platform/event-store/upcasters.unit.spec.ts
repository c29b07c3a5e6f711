import { describe, expect, it } from '@jest/globals';
import { Upcasters } from './upcasters.js';

describe('Upcasters', () => {
  const chain = (): Upcasters =>
    new Upcasters()
      .register('Queued', 2, (data) => ({ ...(data as object), third: true }))
      .register('Queued', 1, (data) => ({ ...(data as object), second: true }));

  it('chains the steps in the order of versions, whatever order they were registered in', () => {
    expect(chain().apply('Queued', 1, { first: true })).toEqual({
      schemaVersion: 3,
      data: { first: true, second: true, third: true },
    });
    expect(chain().apply('Queued', 2, {})).toEqual({ schemaVersion: 3, data: { third: true } });
  });

  it('leaves the newest version and types without steps as they are', () => {
    const data = { any: 1 };
    expect(chain().apply('Queued', 3, data).data).toBe(data);
    expect(chain().apply('Other', 7, data)).toEqual({ schemaVersion: 7, data });
  });

  it('says which step is missing', () => {
    const gap = new Upcasters().register('Queued', 1, (data) => data).register('Queued', 3, (data) => data);
    expect(() => gap.assertReadable('Queued', 1)).toThrow(/from version 2 to 3.*register\('Queued', 2/);
    expect(() => gap.apply('Queued', 2, {})).toThrow('from version 2 to 3');
    expect(() => gap.assertReadable('Queued', 3)).not.toThrow();
  });

  it('says that a newer release wrote an event', () => {
    expect(() => chain().assertReadable('Queued', 4)).toThrow('knows versions up to 3');
  });

  it('refuses a second step from the same version and versions below 1', () => {
    expect(() => chain().register('Queued', 1, (data) => data)).toThrow('two upcasters from version 1');
    expect(() => chain().register('Queued', 0, (data) => data)).toThrow('counted from 1');
  });
});
