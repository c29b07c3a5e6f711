// Configs that are made to take all time, all memory or too much of anything: each is stopped by the limit that it is made
// for, whose setting the message names, and the server answers meanwhile.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { readSettings } from '../../config/settings.js';
import { sizeBounds } from '../../src/boot/size-bounds.js';
import {
  limitCases,
  smallLimits,
  type LimitCaseName,
} from '../../src/pipelines/config/limit-cases.testing.js';
import { addProject, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { cli, ownDirectory, write } from './cli-support.js';

/** Commands that call each other 2^45 times without making a step: no machine comes to the end of it. */
const ENDLESS = `version: 2.1
commands:
  c0: {steps: [{when: {condition: false, steps: [checkout]}}]}
${Array.from({ length: 45 }, (_, i) => `  c${i + 1}: {steps: [c${i}, c${i}]}`).join('\n')}
jobs: {build: {machine: true, steps: [c45]}}
`;
/** A million small values, which are more than the memory allowed holds. */
const MANY = `version: 2.1\njobs: {build: {machine: true, steps: [checkout]}}\nx:\n${'- [a,b,c,d,e,f,g,h,i,j]\n'.repeat(100_000)}`;
const GOOD = 'version: 2.1\njobs: {build: {machine: true, steps: [{run: echo hello}]}}\n';

/** Limits that nothing meets, so that time and memory are what ends these configs, on a machine of any speed. */
const NO_END = String(Number.MAX_SAFE_INTEGER);
const ONLY_TIME_AND_MEMORY = {
  ROTUNDA_COMPILE_TIMEOUT: '8s',
  ROTUNDA_COMPILE_MEMORY: '32',
  ROTUNDA_COMPILE_MAX_VALUES: NO_END,
  ROTUNDA_COMPILE_MAX_SOURCE_VALUES: NO_END,
};

const { limitNames } = sizeBounds(readSettings({}));
const cases = Object.entries(limitCases) as [LimitCaseName, (typeof limitCases)[LimitCaseName]][];
/** Every limit on size is small; time is not what ends anything here. */
const SMALL = {
  ROTUNDA_COMPILE_TIMEOUT: '10m',
  ...Object.fromEntries(cases.map(([name]) => [limitNames![name]!, String(smallLimits[name])])),
};

/** A request that is not answered within this time counts as no answer. */
const ANSWER_MS = 5_000;

class Projects {
  private readonly repositories: TestRepository[] = [];

  constructor(private readonly server: TestServer) {}

  /** The slug of a new project with this config. */
  async add(name: string, config: string): Promise<string> {
    const repository = await makeRepository(config);
    this.repositories.push(repository);
    return addProject(this.server.api, name, repository.path);
  }

  /** What each pipeline ended as. `meanwhile` is done before every look. */
  async ends(pipelines: readonly string[], meanwhile?: () => Promise<void>) {
    return until('every hostile config to end', 120_000, async () => {
      await meanwhile?.();
      const found = await Promise.all(
        pipelines.map((id) =>
          this.server.api.get<{ state: string; errors: { message: string }[] }>(`/api/v2/pipeline/${id}`),
        ),
      );
      return found.every(({ state }) => state !== 'pending') ? found : undefined;
    });
  }

  async mustRun(slug: string): Promise<void> {
    const workflow = await workflowOf(this.server.api, await trigger(this.server.api, slug));
    expect((await workflowEnd(this.server.api, workflow.id)).status).toBe('success');
  }

  async remove(): Promise<void> {
    for (const repository of this.repositories) await repository.remove();
  }
}

/** Starts a server for the tests of the `describe` that this is called in. */
function withServer(env: Record<string, string>): () => { server: TestServer; projects: Projects } {
  let running: { server: TestServer; projects: Projects } | undefined;
  beforeAll(async () => {
    const server = await startTestServer({ env: { ...env, ROTUNDA_AGENT: 'inline' } });
    running = { server, projects: new Projects(server) };
  }, 120_000);
  afterAll(async () => {
    await running?.server.stop();
    await running?.projects.remove();
  }, 60_000);
  return () => running!;
}

describe('hostile configs that take all time or memory', () => {
  const running = withServer(ONLY_TIME_AND_MEMORY);

  it('are stopped with an error that names the limit; /health answers all the while, and others are compiled', async () => {
    const { server, projects } = running();
    const slugs = {
      endless: await projects.add('endless', ENDLESS),
      many: await projects.add('many', MANY),
      good: await projects.add('good', GOOD),
    };
    const hostile = [slugs.endless, slugs.many, slugs.endless, slugs.many];
    const pipelines = await Promise.all(hostile.map((slug) => trigger(server.api, slug)));
    let answers = 0;
    const states = await projects.ends(pipelines, async () => {
      const health = await fetch(`${server.url}/health/live`, { signal: AbortSignal.timeout(ANSWER_MS) });
      expect(health.status).toBe(200);
      answers += 1;
    });
    // It answered while they were compiled, not only after.
    expect(answers).toBeGreaterThan(10);
    const late = 'Config compilation took longer than 8 s (the limit ROTUNDA_COMPILE_TIMEOUT)';
    const large =
      'The config could not be compiled: it needs more than 32 MB of memory (the limit ROTUNDA_COMPILE_MEMORY)';
    expect(states.map(({ state, errors }) => [state, errors[0]?.message])).toEqual(
      [late, large, late, large].map((message) => ['errored', message]),
    );
    await projects.mustRun(slugs.good);
  }, 180_000);
});

describe('hostile configs that are too large', () => {
  const running = withServer(SMALL);

  it('are refused with an error that names the setting, whatever of them is too large', async () => {
    const { server, projects } = running();
    const good = await projects.add('good', GOOD);
    const slugs: string[] = [];
    for (const [name, { source }] of cases) slugs.push(await projects.add(name.toLowerCase(), source));
    const pipelines = await Promise.all(slugs.map((slug) => trigger(server.api, slug)));
    const states = await projects.ends(pipelines);
    for (const [index, [name, { message }]] of cases.entries()) {
      const { state, errors } = states[index]!;
      expect([name, state]).toEqual([name, 'errored']);
      expect(errors.map((error) => error.message).join('\n')).toContain(
        `${message} (the limit ${limitNames![name]})`,
      );
    }
    await projects.mustRun(good);
  }, 180_000);

  it('are refused by the command line by the same settings', async () => {
    const home = await ownDirectory();
    try {
      const { source, message } = limitCases.steps;
      await write(home.path, { 'large.yml': source, 'good.yml': GOOD });
      for (const command of ['validate', 'process']) {
        const refused = cli(['config', command, join(home.path, 'large.yml')], { env: SMALL });
        expect(await refused.ended()).toBe(2);
        expect(refused.stderr()).toContain(`${message} (the limit ROTUNDA_COMPILE_MAX_STEPS)`);
      }
      expect(await cli(['config', 'validate', join(home.path, 'good.yml')], { env: SMALL }).ended()).toBe(0);
      const env = { ROTUNDA_COMPILE_MAX_STEPS: 'many' };
      const wrong = cli(['config', 'validate', join(home.path, 'good.yml')], { env });
      expect(await wrong.ended()).not.toBe(0);
      expect(wrong.stderr()).toContain('ROTUNDA_COMPILE_MAX_STEPS: "many" is not a whole number');
    } finally {
      await home.remove();
    }
  }, 120_000);
});
