// Cron expressions of schedules: what is taken, and why the rest is not.
import { expect, it } from '@jest/globals';
import { cronProblem } from './cron.js';

it.each(['* * * * *', '0 0 * * *', '59 23 31 12 7', '0,30 9-17 1 JAN,jul MON', '  5 4\t* * sun '])(
  '%p can be used',
  (expression) => expect(cronProblem(expression)).toBeUndefined(),
);

it.each([
  ['', 'a cron expression has 5 fields, and "" has 0'],
  ['0 0 * *', 'a cron expression has 5 fields, and "0 0 * *" has 4'],
  ['*/5 * * * *', 'minute: steps such as */5 are not supported'],
  ['60 * * * *', 'minute: 60 is not a number from 0 to 59'],
  ['0 -1 * * *', 'hour: -1 is not a number from 0 to 23'],
  ['0 0 0 * *', 'day of the month: 0 is not a number from 1 to 31'],
  ['0 0 1-5,7 * *', 'day of the month: ranges in a list such as 1-5,7 are not supported'],
  ['0 0 1-2-3 * *', 'day of the month: 1-2-3 is not a number from 1 to 31'],
  ['0 17-9 * * *', 'hour: 17-9 ends before it begins'],
  ['0 0 * MAY-JUL *', 'month: ranges of names such as MAY-JUL are not supported'],
  ['0 0 * MON *', 'month: MON is not a number from 1 to 12'],
  ['0 0 * * MON-FRI', 'day of the week: ranges of names such as MON-FRI are not supported'],
  ['0 0 * * , ', 'day of the week: , is not a number from 0 to 7'],
])('%p cannot: %s', (expression, problem) => expect(cronProblem(expression)).toBe(problem));
