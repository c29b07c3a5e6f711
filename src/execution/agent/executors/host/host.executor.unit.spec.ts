// The host executor passes the contract with real processes of this machine.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listProcesses, readEntry } from '../../../../platform/process/index.js';
import { initialEnvironment } from '../../../../platform/process/process-list.js';
import type { PrepareRequest } from '../executor.port.js';
import { executorContract } from '../executor.contract.js';
import { HostExecutor } from './host.executor.js';

executorContract('host', async () => {
  const workRoot = await mkdtemp(join(tmpdir(), 'rotunda-host-'));
  return {
    executor: new HostExecutor({ workRoot }),
    cleanUp: () => rm(workRoot, { recursive: true, force: true }),
    leftovers: async (taskId) => {
      const names = [
        ...(await readdir(workRoot)),
        ...(await readdir(join(workRoot, '.agent')).catch(() => [])),
      ];
      const left = names.filter((name) => name === taskId);
      for (const { pid, zombie } of await listProcesses()) {
        if (!zombie && initialEnvironment(pid)?.includes(taskId)) left.push(`process ${pid}`);
      }
      return left;
    },
  };
});

describe('HostExecutor', () => {
  let workRoot: string;
  beforeEach(async () => {
    workRoot = await mkdtemp(join(tmpdir(), 'rotunda-host-'));
  });
  afterEach(() => rm(workRoot, { recursive: true, force: true }));

  it('hides the variables of the agent from jobs', async () => {
    process.env['ROTUNDA_SECRET_OF_AGENT'] = 'hidden';
    process.env['DATABASE_URL_OF_TEST'] = 'hidden';
    const environment = await new HostExecutor({ workRoot }).prepare(request(randomUUID()));
    let text = '';
    const onOutput = (chunk: Buffer) => void (text += chunk.toString());
    const command = await environment.start({
      argv: ['env'],
      environment: {},
      cwd: environment.home,
      onOutput,
    });
    await command.exit;
    await environment.destroy();
    delete process.env['ROTUNDA_SECRET_OF_AGENT'];
    delete process.env['DATABASE_URL_OF_TEST'];
    expect(text).toContain(`HOME=${environment.home}\n`);
    expect(text).not.toContain('hidden');
  });

  it('lets a command go on to its end when its output cannot be taken, and tells why then', async () => {
    const environment = await new HostExecutor({ workRoot }).prepare(request(randomUUID()));
    for (const onOutput of [
      () => {
        throw new Error('no room');
      },
      () => Promise.reject(new Error('no room')),
    ]) {
      const command = await environment.start({
        ...{
          argv: ['/bin/sh', '-c', 'rm -f end; head -c 1000000 /dev/zero; touch end'],
          environment: {},
          onOutput,
        },
        cwd: environment.workingDirectory,
      });
      await expect(command.exit).rejects.toThrow('no room');
      expect(await environment.listFiles(environment.workingDirectory)).toEqual(['end']);
    }
    await environment.destroy();
  });

  it('cleans up after an agent that was killed, processes included, and spares what a live agent owns', async () => {
    const [dead, alive] = [randomUUID(), randomUUID()];
    const home = join(workRoot, dead);
    await mkdir(home, { recursive: true });
    await mkdir(join(workRoot, '.agent', dead), { recursive: true });
    await writeFile(join(workRoot, '.agent', dead, 'owner'), '4194999 1');
    const left = spawn('sleep', ['1000'], {
      env: { ...process.env, ROTUNDA_TASK_ROOT: home },
      detached: true,
      stdio: 'ignore',
    });
    const owner = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await mkdir(join(workRoot, alive), { recursive: true });
    await mkdir(join(workRoot, '.agent', alive), { recursive: true });
    const started = readEntry(owner.pid!)?.startedAt ?? '';
    await writeFile(join(workRoot, '.agent', alive, 'owner'), `${owner.pid} ${started}`);
    const ended = once(left, 'exit');
    await new HostExecutor({ workRoot }).cleanUp(new Set());
    expect(await ended).toEqual([null, 'SIGKILL']);
    owner.kill();
    expect(await readdir(workRoot)).toEqual(['.agent', alive]);
    expect(await readdir(join(workRoot, '.agent'))).toEqual([alive]);
  });

  it('removes an absolute working directory that it made', async () => {
    const path = join(workRoot, '..', `rotunda-absolute-${randomUUID()}`, 'project');
    const environment = await new HostExecutor({ workRoot }).prepare(request(randomUUID(), path));
    expect((await environment.stat(path))?.kind).toBe('directory');
    await environment.destroy();
    expect(await environment.stat(join(path, '..'))).toBeUndefined();
  });
});

function request(taskId: string, workingDirectory = '~/project'): PrepareRequest {
  return {
    ...{ taskId, jobName: 'x', environment: {}, log: () => undefined, signal: new AbortController().signal },
    definition: {
      ...{
        executor: { type: 'machine', dockerLayerCaching: false },
        resourceClass: 'default',
        parallelism: 1,
      },
      ...{ workingDirectory, environment: {}, steps: [] },
    },
  };
}
