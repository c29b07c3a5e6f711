import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { key, keyOfToken, pageOf, tokenOfKey, type PagedList } from './page-token.js';

const list: PagedList<[number, string]> = { name: 'things', form: z.tuple([key.number, key.path]) };
const other: PagedList<[number, string]> = { ...list, name: 'others' };

describe('a page token', () => {
  it('leads back to the key that it was made of', () => {
    const keys = fc.tuple(
      fc.nat(),
      fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0')),
    );
    fc.assert(fc.property(keys, (k) => expect(keyOfToken(list, tokenOfKey(list, k))).toEqual(k)));
  });

  it('is the first page when absent or empty', () => {
    expect(keyOfToken(list, undefined)).toBeUndefined();
    expect(keyOfToken(list, '')).toBeUndefined();
  });

  it.each([
    ['of another list', tokenOfKey(other, [1, 'a'])],
    ['with a key too few', Buffer.from('["things",1]').toString('base64url')],
    ['with a key too many', Buffer.from('["things",1,"a",2]').toString('base64url')],
    ['with a key of another type', Buffer.from('["things","1","a"]').toString('base64url')],
    [
      'with a number that the database has not',
      Buffer.from('["things",2147483648,"a"]').toString('base64url'),
    ],
    ['with NUL', Buffer.from('["things",1,"\\u0000"]').toString('base64url')],
    ['that is no list', Buffer.from('{"0":"things"}').toString('base64url')],
    ['that is not JSON', 'AAAA'],
    ['with other characters', 'a b'],
  ])('is refused %s, with words that name it', (_, token) => {
    expect(() => keyOfToken(list, token)).toThrow(InvalidInputError);
    expect(() => keyOfToken(list, token)).toThrow(/^page-token is invalid/);
  });

  it('is never anything but refused or understood', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          keyOfToken(list, text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
    );
  });
});

describe('a page', () => {
  const page = (rows: number[]) =>
    pageOf<number, string, [number, string]>(rows, 2, list, (row) => [row, 'x'], String);

  it('has a token when there is a row more than it holds', () => {
    expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], next_page_token: tokenOfKey(list, [2, 'x']) });
  });

  it('has none when it holds every row', () => {
    expect(page([1, 2])).toEqual({ items: ['1', '2'], next_page_token: null });
    expect(page([])).toEqual({ items: [], next_page_token: null });
  });
});
