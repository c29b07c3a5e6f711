// The textual form of a place in the log: `tx/position`, both with leading zeros, so that string order is log order.
import { InvalidInputError } from '../../errors/errors.js';
import { LOG_START, type LogPosition } from '../event-store.port.js';

const DIGITS = 19;
const FORM = /^(\d{19})\/(\d{19})$/;

/** From the decimal texts in which the driver hands over bigints. */
export function toLogPosition(tx: string, position: string): LogPosition {
  return `${tx.padStart(DIGITS, '0')}/${position.padStart(DIGITS, '0')}`;
}

/** The two numbers as decimal texts. Throws InvalidInputError for anything this store did not give out. */
export function fromLogPosition(place: LogPosition): [tx: string, position: string] {
  if (place === LOG_START) return ['0', '0'];
  const [, tx, position] = FORM.exec(place) ?? [];
  if (tx === undefined || position === undefined) {
    throw new InvalidInputError(
      'EVENT_STORE.BAD_POSITION',
      `not a position in the event log: ${JSON.stringify(place)}`,
    );
  }
  return [tx, position];
}
