// Where the jobs of the demo run: in Docker only when that needs no download.
import Docker from 'dockerode';
import { messageOf } from '../../platform/errors/errors.js';
import { UsageProblem } from '../run/usage-problem.js';

export interface DemoExecutor {
  kind: 'docker' | 'host';
  image?: string;
  /** One line for the user: what was chosen and why. */
  reason: string;
}

const IMAGES = [
  'cimg/node:22.0',
  'cimg/node:lts',
  'node:22',
  'node:24',
  'node:20',
  'node:22-slim',
  'node:20-slim',
];
const LIMIT_MS = 3_000;

/** Throws UsageProblem when Docker is asked for and no engine answers. */
export async function chooseExecutor(asked: 'auto' | 'docker' | 'host'): Promise<DemoExecutor> {
  const host = (why: string): DemoExecutor => ({
    kind: 'host',
    reason: `jobs run in the shell of this machine: ${why}`,
  });
  if (asked === 'host') return host('as asked for');
  let present: Set<string>;
  try {
    const images = await new Docker({ timeout: LIMIT_MS }).listImages();
    present = new Set(images.flatMap(({ RepoTags }) => RepoTags ?? []));
  } catch (error) {
    if (asked === 'docker') throw new UsageProblem(`no Docker engine answers: ${messageOf(error)}`);
    return host('no Docker engine answers');
  }
  const image = IMAGES.find((name) => present.has(name));
  if (image) return { kind: 'docker', image, reason: `jobs run in Docker, image ${image}` };
  if (asked === 'docker')
    return {
      kind: 'docker',
      image: IMAGES[0],
      reason: `jobs run in Docker, image ${IMAGES[0]}, which is pulled first`,
    };
  return host(`Docker has no image with Node yet (docker pull ${IMAGES[0]})`);
}
