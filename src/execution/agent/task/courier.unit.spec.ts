// The courier against a real HTTP server that speaks the agent protocol: what goes in one call, and in which order.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepReport } from '../../protocol/index.js';
import { until } from '../executors/executor.testing.js';
import { StepOutput } from '../output/step-output.js';
import { HttpClient } from '../server/http-client.js';
import { TaskApi } from '../server/server-api.js';
import { ProtocolServer, outputOf, type TaskRecord } from '../testing/protocol-server.js';
import { quiet, taskOf } from '../testing/tasks.js';
import { Courier } from './courier.js';

let server: ProtocolServer;
let client: HttpClient;
let record: TaskRecord;
let calls: string[];
const talking = new AbortController();

beforeEach(async () => {
  server = new ProtocolServer();
  await server.listen();
  client = new HttpClient(server.url);
  record = server.offer(taskOf([]));
  calls = [];
  server.fault = ({ path }) => void calls.push(path.replace(/^.*\/tasks\/[^/]+\//, ''));
});
afterEach(async () => {
  client.close();
  await server.kill();
});

function start(together = true) {
  const { taskId, taskToken } = record.task;
  const api = new TaskApi(client, taskId, taskToken, quiet, talking.signal, () => undefined);
  const courier = new Courier(api, together);
  const output = (step: number) => {
    const made = new StepOutput({
      spoolPath: join(tmpdir(), `rotunda-courier-${taskId}.${step}`),
      secrets: [],
      send: (offset, bytes) => api.output(step, offset, bytes),
      onNews: () => courier.wake(),
    });
    courier.fetch(step, made);
    return made;
  };
  return { courier, output };
}
const report = (index: number, status: StepReport['status']): StepReport => ({
  ...{ index, name: `step ${index}`, type: 'run', status, startedAt: '2026-01-01T00:00:00.000Z' },
  ...(status !== 'running' && { endedAt: '2026-01-01T00:00:01.000Z' }),
});

describe('Courier', () => {
  it('tells the start at once, with what is known of the first step', async () => {
    const { courier } = start();
    const told = courier.started();
    courier.step(report(0, 'running'));
    await told;
    expect([record.started, ...record.history]).toEqual([1, '0:running']);
  });

  it('tells a short job in two calls: of each step once, its output with it, and the end', async () => {
    const { courier, output } = start();
    await courier.started();
    const outputs = [output(0), output(1)];
    for (const [index, each] of outputs.entries()) {
      courier.step(report(index, 'running'));
      each.log(`printed by ${index}\n`);
      await each.close();
      courier.step(report(index, 'success'));
    }
    await courier.finish({ status: 'success' });
    expect(calls).toEqual(['report', 'report']);
    expect(record.history).toEqual(['0:success', '1:success']);
    expect([outputOf(record, 0), outputOf(record, 1)]).toEqual(['printed by 0\n', 'printed by 1\n']);
    expect(record.finished).toEqual({ status: 'success' });
  });

  it('tells of a step that goes on, and shows its first line, before it ends', async () => {
    const { courier, output } = start();
    await courier.started();
    courier.step(report(0, 'running'));
    const going = output(0);
    going.log('first\n');
    await until(() => outputOf(record, 0) === 'first\n', 'the first line');
    expect(record.history).toEqual(['0:running']);
    going.log('last\n');
    await going.close();
    await courier.finish({ status: 'success' });
    expect(outputOf(record, 0)).toBe('first\nlast\n');
  });

  it('sends much output in calls of its own, and the end after all of it', async () => {
    const { courier, output } = start();
    await courier.started();
    const much = output(0);
    const text = 'x'.repeat(1000).concat('\n').repeat(1500);
    for (let at = 0; at < text.length; at += 10_000)
      await much.write(Buffer.from(text.slice(at, at + 10_000)));
    await much.close();
    await courier.finish({ status: 'success' });
    expect(outputOf(record, 0) === text).toBe(true);
    expect(calls.filter((call) => call.startsWith('steps/0/output')).length).toBeGreaterThan(0);
    expect(calls.at(-1)).toBe('report');
  });

  it('tells nothing of a report whose output leaves a gap, and all of it once the gap is closed', async () => {
    const { courier, output } = start();
    await courier.started();
    const lossy = output(0);
    lossy.log('0123456789');
    await until(() => outputOf(record, 0) === '0123456789', 'the first bytes');
    record.outputs.set(0, [Buffer.from('0123')]);
    server.outputBytes.set(`${record.task.taskId}/0`, 4);
    lossy.log('abc');
    courier.step(report(0, 'success'));
    await lossy.close();
    await courier.finish({ status: 'success' });
    expect(outputOf(record, 0)).toBe('0123456789abc');
    expect(record.history).toEqual(['0:success']);
    expect(record.finished).toEqual({ status: 'success' });
  });

  it('sends output first and in calls of its own to a server that does not take it in reports', async () => {
    const { courier, output } = start(false);
    await courier.started();
    const old = output(0);
    old.log('printed\n');
    courier.step(report(0, 'success'));
    await old.close();
    await courier.finish({ status: 'success' });
    expect(calls).toEqual(['report', 'steps/0/output', 'report']);
    expect(outputOf(record, 0)).toBe('printed\n');
  });

  it('fails the start and the end when the claim is over', async () => {
    record.over = true;
    const { courier } = start();
    await expect(courier.started()).rejects.toThrow('the server ended this claim (410)');
    await expect(courier.finish({ status: 'success' })).rejects.toThrow('the server ended this claim (410)');
  });
});
