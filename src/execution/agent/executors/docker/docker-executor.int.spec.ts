// The Docker executor against a real engine: the contract that every executor keeps.
import { expect, it } from '@jest/globals';
import Docker from 'dockerode';
import { randomUUID } from 'node:crypto';
import { dockerForTests, ensureTestImage, TEST_IMAGE } from '../../../../../test/support/docker-image.js';
import { executorContract } from '../executor.contract.js';
import { DockerExecutor } from './docker-executor.js';

const SUITE = 'the executor contract on Docker';

if (await dockerForTests(SUITE)) {
  executorContract(
    'docker',
    async () => {
      await ensureTestImage();
      const executor = new DockerExecutor({ agent: `contract-${randomUUID()}` });
      return { executor, cleanUp: () => executor.cleanUp(new Set()), leftovers };
    },
    {
      definition: { executor: { type: 'docker', images: [{ image: TEST_IMAGE, environment: {} }] } },
      prepareTimeout: 400_000,
    },
  );
} else {
  it(`NOT TESTED, no Docker engine answers: ${SUITE}`, () => {
    expect(process.env['ROTUNDA_REQUIRE_DOCKER']).not.toBe('1');
  });
}

async function leftovers(taskId: string): Promise<string[]> {
  const docker = new Docker();
  const filters = { label: [`rotunda.task=${taskId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  return [
    ...containers.map((container) => container.Names.join()),
    ...networks.map((network) => network.Name),
    ...(Volumes ?? []).map((volume) => volume.Name),
  ];
}
