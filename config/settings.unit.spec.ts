// Settings: every wrong one is named at once, with a suggestion, and no secret is repeated.
import { describe, expect, it } from '@jest/globals';
import { parseDuration, readSettings, settingsTable, SettingsError } from './settings.js';
import { settingsSchema } from './settings.schema.js';

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('readSettings', () => {
  it('gives every setting its default, in its type', () => {
    const settings = readSettings({});
    expect(Object.keys(settings).sort()).toEqual(Object.keys(settingsSchema).sort());
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 7777,
      roles: ['api', 'conductor', 'dispatcher', 'cron', 'agent'],
      databaseUrl: '',
      gitTimeout: 120_000,
      agentMode: 'process',
    });
    expect(settings.dataDirectory).toMatch(/^\/.*\.rotunda$/);
  });

  it('reads what is set; an empty value counts as not set', () => {
    const settings = readSettings({
      ROTUNDA_PORT: '0',
      ROTUNDA_ROLES: ' api , cron,',
      ROTUNDA_SHUTDOWN_GRACE: '0s',
      ROTUNDA_LOG_LEVEL: '',
      PATH: '/bin',
    });
    expect(settings).toMatchObject({ port: 0, roles: ['api', 'cron'], shutdownGrace: 0, logLevel: 'info' });
  });

  it('suggests the name that was meant', () => {
    expect(problemsOf({ ROTUNDA_LOG_LEVL: '1', ROTUNDA_NOTHING_LIKE_IT: '1' })).toEqual([
      'ROTUNDA_LOG_LEVL: unknown setting (did you mean ROTUNDA_LOG_LEVEL?)',
      'ROTUNDA_NOTHING_LIKE_IT: unknown setting',
    ]);
  });

  it('suggests the nearest name, not the first near one', () => {
    expect(problemsOf({ ROTUNDA_PROT: '1' })).toEqual([
      'ROTUNDA_PROT: unknown setting (did you mean ROTUNDA_PORT?)',
    ]);
  });

  it('lets the variables of the command line pass', () => {
    expect(problemsOf({ ROTUNDA_TOKEN: 'x', ROTUNDA_URL: 'http://127.0.0.1:1' })).toEqual([]);
  });

  it('lists all problems, not only the first', () => {
    const environment = {
      ROTUNDA_PORT: '70000',
      ROTUNDA_LOG_FORMAT: 'xml',
      ROTUNDA_ROLES: 'api,cook',
      ROTUNDA_LEASE_SECONDS: 'long',
      ROTUNDA_GIT_TIMEOUT: '10',
      ROTUNDA_PUBLIC_URL: 'here',
      ROTUNDA_X: '1',
    };
    expect(problemsOf(environment)).toEqual([
      'ROTUNDA_X: unknown setting',
      'ROTUNDA_PORT: "70000" is not between 0 and 65535',
      'ROTUNDA_PUBLIC_URL: "here" is not a URL',
      'ROTUNDA_LOG_FORMAT: "xml" is not one of json, text',
      'ROTUNDA_LEASE_SECONDS: "long" is not a whole number',
      'ROTUNDA_GIT_TIMEOUT: "10" is not a duration such as 500ms, 10s, 5m, 2h',
      'ROTUNDA_ROLES: "cook" is not a role; roles are api, conductor, dispatcher, cron, agent',
    ]);
    expect(() => readSettings(environment)).toThrow(/ROTUNDA_X.*\n.*ROTUNDA_PORT/);
  });

  it('names the bounds of a duration as one would write them', () => {
    expect(problemsOf({ ROTUNDA_MAX_JOB_RUN_TIME: '8d' })).toEqual([
      'ROTUNDA_MAX_JOB_RUN_TIME: "8d" is not between 1s and 7d',
    ]);
  });

  it('does not repeat secrets', () => {
    expect(problemsOf({ DATABASE_URL: 'hunter2', REDIS_URL: 'hunter3' })).toEqual([
      'DATABASE_URL: is not a URL',
      'REDIS_URL: is not a URL',
    ]);
  });
});

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
  it.each(['', '5', 's', '-1s', '1 s', '1w', '1e3s'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeNaN();
  });
});

describe('settingsTable', () => {
  it('has a row for every setting', () => {
    const table = settingsTable();
    for (const { env } of Object.values(settingsSchema)) expect(table).toContain(`| \`${env}\` |`);
  });
});
