// Identifiers: in the order of time, or a function of their inputs.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedId, isUuid, nameId, newId, timeOf } from './ids.js';

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('newId', () => {
  it('is a UUIDv7 of the given time, and sorts by it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.nat({ max: 2 ** 47 }), (a, b) => {
        const [first, second] = [newId(a), newId(b)];
        expect(first).toMatch(VERSION_7);
        expect(timeOf(first)).toBe(a);
        if (a !== b) expect(first < second).toBe(a < b);
      }),
    );
  });
  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newId(5))).size).toBe(1000);
  });
});

describe('derivedId', () => {
  const cause = newId(1_700_000_000_000);
  it('is the same for the same inputs, with the time of its cause', () => {
    expect(derivedId(cause, 'job', 1)).toBe(derivedId(cause, 'job', 1));
    expect(derivedId(cause, 'job', 1)).toMatch(VERSION_7);
    expect(timeOf(derivedId(cause, 'job', 1))).toBe(1_700_000_000_000);
  });
  it('differs with the cause and with each part of the key', () => {
    const ids = [
      derivedId(cause),
      derivedId(cause, 'job'),
      derivedId(cause, 'job', 1),
      derivedId(cause, 'job1'),
      derivedId(cause, 'jo', 'b1'),
      derivedId(newId(1_700_000_000_000), 'job'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('nameId', () => {
  it('is a function of kind and name', () => {
    expect(nameId('project', 'gh/acme/demo')).toBe(nameId('project', 'gh/acme/demo'));
    expect(nameId('project', 'gh/acme/demo')).not.toBe(nameId('organization', 'gh/acme/demo'));
    expect(nameId('project', 'x')).toMatch(VERSION_7);
  });
});

describe('isUuid', () => {
  it.each([newId(), '00000000-0000-0000-0000-000000000000', newId().toUpperCase()])('takes %s', (text) => {
    expect(isUuid(text)).toBe(true);
  });
  it.each(['', 'x', `${newId()} `, newId().replaceAll('-', ''), `{${newId()}}`])('refuses "%s"', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
