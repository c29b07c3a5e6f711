// Configs that are made to take all time or all memory: each is stopped by its limit, and the server answers meanwhile.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addProject, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

/** Commands that call each other 2^45 times without making a step. */
const ENDLESS = `version: 2.1
commands:
  c0: {steps: [{when: {condition: false, steps: [checkout]}}]}
${Array.from({ length: 45 }, (_, i) => `  c${i + 1}: {steps: [c${i}, c${i}]}`).join('\n')}
jobs: {build: {machine: true, steps: [c45]}}
`;
/** Doubles a text twenty-four times, each half of which is kept. */
const HUGE = `version: 2.1
commands:
  c0: {parameters: {t: {type: string}}, steps: [{run: "<< parameters.t >>"}]}
${Array.from(
  { length: 24 },
  (_, i) =>
    `  c${i + 1}: {parameters: {t: {type: string}}, steps: [c${i}: {t: "<< parameters.t >><< parameters.t >>"}, c${i}: {t: "<< parameters.t >>"}]}`,
).join('\n')}
jobs: {build: {machine: true, steps: [c24: {t: "xxxxxxxxxxxxxxxx"}]}}
`;
/** A million small values, which are more than the memory allowed holds. */
const MANY = `version: 2.1\njobs: {build: {machine: true, steps: [checkout]}}\nx:\n${'- [a,b,c,d,e,f,g,h,i,j]\n'.repeat(100_000)}`;
const GOOD = 'version: 2.1\njobs: {build: {machine: true, steps: [{run: echo hello}]}}\n';

/** A request that is not answered within this time counts as no answer. */
const ANSWER_MS = 5_000;

describe('hostile configs', () => {
  let server: TestServer;
  const repositories: TestRepository[] = [];

  const project = async (name: string, config: string): Promise<string> => {
    const repository = await makeRepository(config);
    repositories.push(repository);
    return addProject(server.api, name, repository.path);
  };

  beforeAll(async () => {
    const env = { ROTUNDA_COMPILE_TIMEOUT: '8s', ROTUNDA_COMPILE_MEMORY: '32', ROTUNDA_AGENT: 'inline' };
    server = await startTestServer({ env });
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    for (const repository of repositories) await repository.remove();
  }, 60_000);

  it('are stopped with an error that names the limit; /health answers all the while, and others are compiled', async () => {
    const slugs = {
      endless: await project('endless', ENDLESS),
      huge: await project('huge', HUGE),
      many: await project('many', MANY),
      good: await project('good', GOOD),
    };
    const hostile = [slugs.endless, slugs.huge, slugs.many, slugs.endless, slugs.huge, slugs.many];
    const pipelines = await Promise.all(hostile.map((slug) => trigger(server.api, slug)));
    let answers = 0;
    const states = await until('every hostile config to end', 120_000, async () => {
      const health = await fetch(`${server.url}/health/live`, { signal: AbortSignal.timeout(ANSWER_MS) });
      expect(health.status).toBe(200);
      answers += 1;
      const found = await Promise.all(
        pipelines.map((id) =>
          server.api.get<{ state: string; errors: { message: string }[] }>(`/api/v2/pipeline/${id}`),
        ),
      );
      return found.every(({ state }) => state !== 'pending') ? found : undefined;
    });
    // It answered while they were compiled, not only after.
    expect(answers).toBeGreaterThan(10);
    expect(states.map(({ state }) => state)).toEqual(pipelines.map(() => 'errored'));
    const [endless, huge, many] = states.map(({ errors }) => errors[0]!.message);
    expect(endless).toBe('Config compilation took longer than 8 s (the limit ROTUNDA_COMPILE_TIMEOUT)');
    expect(huge).toMatch(
      /too large: it has more than \d+ characters|the limit ROTUNDA_COMPILE_(MEMORY|TIMEOUT)/,
    );
    expect(many).toBe(
      'The config could not be compiled: it needs more than 32 MB of memory (the limit ROTUNDA_COMPILE_MEMORY)',
    );
    const workflow = await workflowOf(server.api, await trigger(server.api, slugs.good));
    expect((await workflowEnd(server.api, workflow.id)).status).toBe('success');
  }, 180_000);
});
