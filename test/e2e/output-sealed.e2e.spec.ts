// Output that came in many pieces is merged when its job has ended, and whoever reads it meanwhile sees the same bytes.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { addProject, jobWith, tasksOf, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const LINES = 150;
let server: TestServer;
let repository: TestRepository;
let database: pg.Client;
let slug: string;

beforeAll(async () => {
  repository = await makeRepository(`
version: 2.1
jobs:
  talks:
    machine: true
    steps:
      - run: { name: talk, command: 'for i in $(seq 1 ${LINES}); do echo "line $i"; sleep 0.03; done' }
workflows:
  all: { jobs: [talks] }
`);
  server = await startTestServer({ env: { ROTUNDA_RECONCILE_INTERVAL: '1s' } });
  slug = await addProject(server.api, 'sealed', repository.path);
  database = new pg.Client({ connectionString: await server.databaseUrl(), query_timeout: 20_000 });
  // The database is stopped with the server.
  database.on('error', () => undefined);
  await database.connect();
}, 120_000);
afterAll(async () => {
  await database?.end();
  await server?.stop();
  await repository?.remove();
}, 60_000);

interface Talk {
  workflow: string;
  job: string;
  task: string;
  step: number;
  /** Where its output is read. */
  path: string;
}

/** A job whose step has begun to talk. */
async function talk(): Promise<Talk> {
  const workflow = (await workflowOf(server.api, await trigger(server.api, slug))).id;
  const job = (await jobWith(server.api, workflow, 'talks', 'running')).id;
  const [task, step] = await until('the step to run', 30_000, async () => {
    const [found] = await tasksOf(server.api, job);
    const running = found?.steps.find(({ name }) => name === 'talk');
    return running && ([found!.id, running.index] as const);
  });
  return { workflow, job, task, step, path: `/api/rotunda/v1/jobs/${job}/tasks/0/steps/${step}/output` };
}

async function segmentsOf({ task, step }: Talk): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM rotunda.output_segment WHERE task_id = $1 AND step = $2',
    [task, step],
  );
  return rows[0]!.n;
}

function expectWhole(text: string): void {
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i + 1}\n`).join('');
  expect(text.slice(text.indexOf('line 1\n'))).toBe(lines);
}

/** What a client of the live updates gets of the step, put together by the offsets. */
async function follow(of: Talk): Promise<{ socket: Socket; text(): string }> {
  const pieces: Buffer[] = [];
  const socket = io(server.url, { path: '/live', auth: { token: server.token }, transports: ['websocket'] });
  socket.on('output', (piece: { taskId: string; step: number; offset: number; data: Buffer }) => {
    if (piece.taskId !== of.task || piece.step !== of.step) return;
    const known = Buffer.concat(pieces);
    expect(piece.offset <= known.length || pieces.length === 0).toBe(true);
    if (pieces.length === 0) pieces.push(Buffer.alloc(piece.offset), piece.data);
    else pieces.push(piece.data.subarray(known.length - piece.offset));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect_error', reject);
    socket.emit('watch', { job: of.job }, () => resolve());
  });
  return { socket, text: () => Buffer.concat(pieces).toString() };
}

it('by whoever reads it whole, in ranges or live, before, while and after', async () => {
  const talking = await talk();
  const live = await follow(talking);
  let most = 0;
  let read = Buffer.alloc(0);
  // One reader by ranges, from the running job to the merged output.
  await until('the output to be merged', 60_000, async () => {
    read = Buffer.concat([read, await server.api.bytes(talking.path, read.length)]);
    const now = await segmentsOf(talking);
    most = Math.max(most, now);
    return (most > 16 && now === 1) || undefined;
  });
  expect((await workflowEnd(server.api, talking.workflow)).status).toBe('success');
  const whole = await server.api.bytes(talking.path);
  expectWhole(whole.toString());
  expect(Buffer.concat([read, await server.api.bytes(talking.path, read.length)]).equals(whole)).toBe(true);
  expect((await server.api.bytes(talking.path, whole.length - 9)).equals(whole.subarray(-9))).toBe(true);
  await until(
    'the last piece of the live output',
    10_000,
    () => live.text().length === whole.length || undefined,
  );
  live.socket.close();
  const missed = live.text().lastIndexOf('\0') + 1;
  expect(live.text().slice(missed)).toBe(whole.toString().slice(missed));
}, 120_000);

it('although the server is killed when the job ends', async () => {
  const talking = await talk();
  await workflowEnd(server.api, talking.workflow);
  await server.kill9();
  await server.restart();
  await until('the output to be merged', 60_000, async () => (await segmentsOf(talking)) === 1 || undefined);
  expectWhole((await server.api.bytes(talking.path)).toString());
}, 120_000);
