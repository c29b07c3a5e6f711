// Logic statements, as in `when`, `unless` and `condition` (LANGUAGE C-181).
import {
  anyOf,
  closed,
  flag,
  list,
  named,
  nothing,
  number,
  open,
  text,
  type Schema,
} from '../schema.types.js';

const SCALAR = anyOf([text(), flag(), number, nothing]);
const OPERATORS = 'and|or|not|equal|matches';

export const logic: Schema = named('logic', () =>
  anyOf(
    [
      SCALAR,
      closed(
        {
          and: list(logic, 'True when all of these are.', 1),
          or: list(logic, 'True when one of these is.', 1),
          not: logic,
          equal: list({ kind: 'any' }, 'True when all of these are the same value of the same type.', 1),
          matches: closed(
            {
              pattern: text('A Java regular expression, which must match the whole value.'),
              value: SCALAR,
            },
            { required: ['pattern', 'value'], about: 'True when the value matches the pattern.' },
          ),
        },
        // A `not` that nothing stands under, before another operator, is what real configs have.
        { atMost: 1, emptyDoNotCount: true },
      ),
      // Any other map is an opaque value, which is true (C-186).
      open({}, { names: `^(?!(?:${OPERATORS})$)` }),
    ],
    'A value, or a map with one of `and`, `or`, `not`, `equal`, `matches`. Decided when the config is compiled.',
  ),
);
