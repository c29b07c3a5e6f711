// Finds what tasks have at the engine by its labels, and removes it.
import type Docker from 'dockerode';
import { call, isGone, statusOf } from './engine.js';
import { TASK_LABEL, type Found } from './owner.js';

/**
 * Removes every container, network and volume with a task's label that `isWanted` names; with `taskId`, of that task only.
 * Repeats what failed, and throws the last reason when something is still there after that.
 */
export async function removeTasks(
  docker: Docker,
  isWanted: (found: Found) => boolean,
  taskId?: string,
): Promise<void> {
  const filters = { label: [taskId === undefined ? TASK_LABEL : `${TASK_LABEL}=${taskId}`] };
  for (let attempt = 1; ; attempt++) {
    try {
      await removeOnce(docker, isWanted, filters);
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function removeOnce(
  docker: Docker,
  isWanted: (found: Found) => boolean,
  filters: { label: string[] },
): Promise<void> {
  // Networks and volumes first: what is made meanwhile for a task is not on their lists without its containers.
  const [networks, volumes] = await Promise.all([
    call('list networks', (abortSignal) => docker.listNetworks({ filters, abortSignal })),
    call('list volumes', (abortSignal) => docker.listVolumes({ filters, abortSignal })),
  ]);
  const containers = await call('list containers', (abortSignal) =>
    docker.listContainers({ all: true, filters, abortSignal }),
  );
  const running = new Set(
    containers.filter(({ State }) => State === 'running').map(({ Labels }) => Labels[TASK_LABEL]),
  );
  const wanted = (labels: Record<string, string> | null | undefined, createdAt: number): boolean =>
    isWanted({ labels: labels ?? {}, running: running.has(labels?.[TASK_LABEL] ?? ''), createdAt });

  const gone = containers.filter(({ Labels, Created }) => wanted(Labels, Created));
  await Promise.all(gone.map(({ Id }) => removeContainer(docker, Id)));
  for (const network of networks.filter(({ Labels, Created }) => wanted(Labels, secondsOf(Created)))) {
    const remove = (abortSignal: AbortSignal) => docker.getNetwork(network.Id).remove({ abortSignal });
    await ignoreGone(call('remove network', remove));
  }
  // Most have gone with their containers; one that two containers shared may be left.
  for (const volume of volumes.Volumes ?? []) {
    if (!wanted(volume.Labels, secondsOf((volume as { CreatedAt?: string }).CreatedAt))) continue;
    const remove = (abortSignal: AbortSignal) => docker.getVolume(volume.Name).remove({ abortSignal });
    await ignoreGone(call('remove volume', remove));
  }
}

async function removeContainer(docker: Docker, id: string): Promise<void> {
  const remove = (abortSignal: AbortSignal): Promise<unknown> =>
    docker.getContainer(id).remove({ force: true, v: true, abortSignal });
  try {
    await ignoreGone(call('remove container', remove, { timeoutMs: 60_000 }));
  } catch (error) {
    // 409: another call is removing it already. Then it is waited for.
    if (statusOf(error) !== 409) throw error;
    await ignoreGone(call('wait for removal', () => docker.getContainer(id).wait({ condition: 'removed' })));
  }
}

async function ignoreGone(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function secondsOf(iso: string | undefined): number {
  const time = Date.parse(iso ?? '') / 1000;
  return Number.isFinite(time) ? time : 0;
}
