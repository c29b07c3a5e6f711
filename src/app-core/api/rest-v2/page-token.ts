// Page tokens: where a list goes on, as an opaque text. What comes back from a caller is checked, never trusted.
import { z } from 'zod';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { isUuid } from '../../../platform/ids/ids.js';

/** Items per page of the lists for which the original documents `page-token` (ENDPOINTS 0.4). */
export const PAGE_SIZE = 20;
/** For the lists whose original document has no `page-token`, so that its clients cannot ask for a second page. */
export const LONG_PAGE_SIZE = 500;

const MAX_TOKEN = 4096;

export interface Page<Item> {
  items: Item[];
  next_page_token: string | null;
}

/** The forms that the parts of a key may have. */
export const key = {
  uuid: z.string().refine(isUuid),
  number: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  path: z.string().refine((path) => !path.includes('\0') && path.isWellFormed()),
};

/** A list that can be paged: `name` ties a token to it, `form` is the key of an item. */
export interface PagedList<Key extends readonly unknown[]> {
  name: string;
  form: z.ZodType<Key>;
}

export function tokenOfKey<Key extends readonly unknown[]>(list: PagedList<Key>, key: Key): string {
  return Buffer.from(JSON.stringify([list.name, ...key])).toString('base64url');
}

/** The key behind which a page starts; undefined for the first page (no token, or an empty one). */
export function keyOfToken<Key extends readonly unknown[]>(
  list: PagedList<Key>,
  token: string | undefined,
): Key | undefined {
  if (token === undefined || token === '') return undefined;
  if (token.length <= MAX_TOKEN && /^[A-Za-z0-9_-]+$/.test(token)) {
    const parts = parsed(Buffer.from(token, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts[0] === list.name) {
      const result = list.form.safeParse(parts.slice(1));
      if (result.success) return result.data;
    }
  }
  throw new InvalidInputError(
    'REQUEST.PAGE_TOKEN',
    'page-token is invalid: it is not one that this list gave out.',
  );
}

/** One page of `rows`, which hold one more than `size` when there is another page. */
export function pageOf<Row, Item, Key extends readonly unknown[]>(
  rows: readonly Row[],
  size: number,
  list: PagedList<Key>,
  keyOf: (row: Row) => Key,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown[shown.length - 1];
  return {
    items: shown.map(view),
    next_page_token: rows.length > size && last !== undefined ? tokenOfKey(list, keyOf(last)) : null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
