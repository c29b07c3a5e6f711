// A PostgreSQL connection that prepares what it is asked often. TypeORM sends each statement as text to be parsed and
// planned anew; the same few hundred texts come again and again, and planning was a third of the database's work.
import { createHash } from 'node:crypto';
import pg from 'pg';

/** Texts that are known here, by what they are called on every connection. Statements that are made up each time must not fill it. */
const KNOWN_LIMIT = 500;
/** Longer ones are lists of rows, which seldom come twice. */
const LONGEST_TEXT = 8_000;

/** Each text seen, with its name once it was seen twice. */
const known = new Map<string, string | undefined>();

/** What to call a statement; undefined when it is seen for the first time or there are too many. */
function nameOf(text: string): string | undefined {
  const name = known.get(text);
  if (name !== undefined) return name;
  if (known.has(text)) {
    const made = `rotunda_${createHash('sha1').update(text).digest('base64url')}`;
    known.set(text, made);
    return made;
  }
  if (known.size < KNOWN_LIMIT && text.length <= LONGEST_TEXT) known.set(text, undefined);
  return undefined;
}

export class PreparingClient extends pg.Client {
  // The signature of pg's own overloads.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    if (typeof text === 'string' && Array.isArray(values) && values.length > 0) {
      const name = nameOf(text);
      if (name !== undefined) args[0] = { name, text };
    }
    return (super.query as (...all: unknown[]) => never)(...args);
  }
}
