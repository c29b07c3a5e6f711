// The clock port: deciders get the time from their caller, and tests can set it.

export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
