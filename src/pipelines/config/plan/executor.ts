// Where a job runs, from the compiled job (LANGUAGE C-198 to C-209).
import { fault, type Place } from '../problems/fault.js';
import type { DockerImage, PlannedExecutor } from './plan.types.js';
import { commandLine, environmentOf, listOf, recordOf, requiredText, textOf } from './values.js';

/** Throws a ConfigFault for a job that names no executor, or an image without a name. */
export function planExecutor(job: Record<string, unknown>, at: Place): PlannedExecutor {
  if (job.docker !== undefined) {
    // An entry that names no image beside one that does is passed over: old configs of version 2 have them, and ran.
    const images = listOf(job.docker).flatMap((image, index) =>
      index > 0 && textOf(recordOf(image).image) === undefined
        ? []
        : [planImage(recordOf(image), { pointer: `${at.pointer}/docker/${index}` })],
    );
    if (images.length === 0) throw fault(`[${at.pointer}/docker] minimum size: [1], found: [0]`, at);
    return { type: 'docker', images };
  }
  if (job.machine !== undefined && job.machine !== false && job.machine !== null) {
    const { image, docker_layer_caching: caching } = recordOf(job.machine);
    const name = textOf(image) ?? (typeof job.machine === 'string' ? job.machine : undefined);
    return {
      type: 'machine',
      ...(name !== undefined && { image: name }),
      dockerLayerCaching: caching === true,
    };
  }
  if (job.macos !== undefined) {
    return {
      type: 'macos',
      xcode: requiredText(recordOf(job.macos), 'xcode', { pointer: `${at.pointer}/macos` }),
    };
  }
  throw fault(`[${at.pointer}] a job needs one of the keys docker, machine, macos`, at);
}

function planImage(image: Record<string, unknown>, at: Place): DockerImage {
  const { name, user, auth, aws_auth: awsAuth, gcp_auth: gcpAuth } = image;
  const entrypoint = commandLine(image.entrypoint, { pointer: `${at.pointer}/entrypoint` });
  const command = commandLine(image.command, { pointer: `${at.pointer}/command` });
  return {
    image: requiredText(image, 'image', at),
    ...(textOf(name) !== undefined && { name: textOf(name) }),
    ...(entrypoint && { entrypoint }),
    ...(command && { command }),
    ...(textOf(user) !== undefined && { user: textOf(user) }),
    environment: environmentOf(image.environment),
    ...(auth !== undefined &&
      auth !== null && { auth: planAuth(recordOf(auth), { pointer: `${at.pointer}/auth` }) }),
    ...(awsAuth !== undefined && awsAuth !== null && { awsAuth: environmentOf(awsAuth) }),
    ...(gcpAuth !== undefined && gcpAuth !== null && { gcpAuth: environmentOf(gcpAuth) }),
  };
}

function planAuth(auth: Record<string, unknown>, at: Place): { username: string; password: string } {
  return { username: requiredText(auth, 'username', at), password: requiredText(auth, 'password', at) };
}
