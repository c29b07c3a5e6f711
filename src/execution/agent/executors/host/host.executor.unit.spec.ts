// The host executor passes the contract with real processes of this machine.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listProcesses } from '../../../../platform/process/index.js';
import { initialEnvironment } from '../../../../platform/process/process-list.js';
import { executorContract } from '../executor.contract.js';
import { HostExecutor } from './host.executor.js';

executorContract('host', async () => {
  const workRoot = await mkdtemp(join(tmpdir(), 'rotunda-host-'));
  return {
    executor: new HostExecutor({ workRoot }),
    cleanUp: () => rm(workRoot, { recursive: true, force: true }),
    leftovers: async (taskId) => {
      const names = [...(await readdir(workRoot)), ...(await readdir(join(workRoot, '.agent')).catch(() => []))];
      const left = names.filter((name) => name === taskId);
      for (const { pid, zombie } of await listProcesses()) {
        if (!zombie && (await initialEnvironment(pid)).some((entry) => entry.includes(taskId))) left.push(`process ${pid}`);
      }
      return left;
    },
  };
});
