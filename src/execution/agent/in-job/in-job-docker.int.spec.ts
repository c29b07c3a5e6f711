// The in-job command in an image that has nothing but BusyBox.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dockerForTests, ensureShellImage } from '../../../../test/support/docker-image.js';
import { DockerExecutor } from '../executors/docker/index.js';
import { requestFor } from '../executors/docker/docker.testing.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { inJob, type InJob } from './in-job.testing.js';

const suite = (await dockerForTests('the in-job command in a container')) ? describe : describe.skip;

suite('the in-job command in a container with nothing but BusyBox', () => {
  let environment: ExecutionEnvironment;
  let job: InJob;

  beforeAll(async () => {
    const image = await ensureShellImage();
    environment = await new DockerExecutor({ agent: 'in-job' }).prepare(
      requestFor([{ image, environment: {} }]),
    );
    job = await inJob(environment);
    const files = ['spec/b_spec.rb', 'spec/deep/a_spec.rb', 'spec/with blank.txt'];
    for (const file of files) await environment.writeFile(`${environment.workingDirectory}/${file}`, file);
  }, 300_000);
  afterAll(() => environment?.destroy(), 60_000);

  it('replaces variables', async () => {
    expect(await job.sh("export A='1\n2'; printf 'a ${A:-x}\\n' | circleci env subst")).toEqual({
      ...{ code: 0, out: 'a 1\n2\n', err: '' },
    });
  }, 60_000);

  it('finds files', async () => {
    expect(await job.sh("circleci tests glob 'spec/**/*_spec.rb' 'spec/*.txt' '*'")).toEqual({
      ...{ code: 0, out: 'spec/deep/a_spec.rb\nspec/b_spec.rb\nspec/with blank.txt\nspec\n', err: '' },
    });
  }, 60_000);

  it('splits tests by name, by size and by time', async () => {
    const split =
      "printf '%s\\n' 'spec/with blank.txt' spec/b_spec.rb spec/deep/a_spec.rb | circleci tests split --total=2";
    expect((await job.sh(`${split} --index=1`)).out).toBe('spec/deep/a_spec.rb\n');
    expect(await job.sh(`${split} --split-by=filesize`)).toEqual({
      code: 0,
      out: 'spec/deep/a_spec.rb\nspec/b_spec.rb\n',
      err: '',
    });
    const times = { tests: [{ file: 'spec/b_spec.rb', run_time: 100 }] };
    await environment.writeFile(
      `${job.places.taskData}/circle-test-results/results.json`,
      JSON.stringify(times),
    );
    const { out } = await job.sh(`${split} --split-by=timings`);
    expect(out).toBe('spec/b_spec.rb\n');
  }, 60_000);

  it('runs tests, and halts', async () => {
    const text = "echo b a c | circleci tests run --index=0 --total=2 --command='echo got $(cat); exit 3'";
    expect(await job.sh(text)).toMatchObject({ code: 3, out: 'got a c\n' });
    expect((await job.sh('circleci-agent task halt')).code).toBe(0);
    expect(await environment.stat(job.places.haltFile)).toBeDefined();
  }, 60_000);

  it('says so when the agent cannot be reached', async () => {
    const { code, err } = await job.sh('unset ROTUNDA_BELL; circleci env subst x');
    expect([code, err]).toEqual([1, 'Error: the agent of this job does not hear this process\n']);
  }, 60_000);
});
