// The containers and the network of one task: how they are made, found again and removed.
import type Docker from 'dockerode';
import type { DockerImage } from '../../../../pipelines/config/index.js';
import { ExecutorError } from '../executor.port.js';
import { call, reasonOf, statusOf } from './engine.js';
import type { Limits } from './resource-classes.js';

/** An image with this label set to `true` keeps its own entrypoint as a primary container (LANGUAGE C-203). */
const PRESERVE_LABEL = 'com.circleci.preserve-entrypoint';
/** Waits for ever with what every image has; answers a stop at once. */
const WAIT_FOR_EVER = ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait "$!"; done'];
const RAM_DISK = '/mnt/ramdisk';
const GIB = 1024 ** 3;

export interface TaskContainersOptions {
  taskId: string;
  /** On everything that is made, see labelsOf. */
  labels: Readonly<Record<string, string>>;
  limits: Limits | undefined;
  /** Whether the engine has an init process that reaps zombies. */
  init: boolean;
  /** Extra host names for 127.0.0.1. */
  hostNames: string[];
  /** Variables of service containers, below those of their own `environment`. */
  serviceEnvironment: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Makes what one task needs. All of it carries the task's label, so removeTasks finds it in whatever state it
 * is.
 */
export class TaskContainers {
  constructor(
    private readonly docker: Docker,
    private readonly options: TaskContainersOptions,
  ) {}

  /** A network of its own, so that the containers of other tasks are out of reach. Returns its id. */
  async createNetwork(): Promise<string> {
    const { taskId, signal } = this.options;
    const network = await call(
      'create network',
      (abortSignal) =>
        this.docker.createNetwork({
          Name: `rotunda-${taskId}`,
          Labels: this.labels(),
          Driver: 'bridge',
          abortSignal,
        }),
      { signal },
    );
    return network.id;
  }

  /** Starts the container in which the steps run. */
  async startPrimary(
    image: DockerImage,
    info: Docker.ImageInspectInfo,
    networkId: string,
  ): Promise<Docker.Container> {
    const preserve = info.Config.Labels?.[PRESERVE_LABEL] === 'true';
    const own = image.entrypoint !== undefined || image.command !== undefined || preserve;
    const { hostNames } = this.options;
    const container = await this.create(image, 'primary', {
      Env: list(image.environment),
      // An empty word clears the image's entrypoint; an empty list would keep it.
      Entrypoint: own ? image.entrypoint : [''],
      Cmd: own ? image.command : WAIT_FOR_EVER,
      // A configured shell would end at once without a standard input.
      OpenStdin: own,
      HostConfig: {
        NetworkMode: networkId,
        ExtraHosts: hostNames.map((name) => `${name}:127.0.0.1`),
        // A volume rather than a plain tmpfs: it is also seen by the engine's archive calls (LANGUAGE C-205).
        Mounts: [
          {
            Type: 'volume',
            Source: '',
            Target: RAM_DISK,
            ReadOnly: false,
            VolumeOptions: {
              NoCopy: true,
              Labels: this.labels(),
              DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o: 'mode=1777' } },
            },
          },
        ],
      },
    });
    return container;
  }

  /** Starts a service container; it shares the primary's network, /etc/hosts and host name (LANGUAGE C-201). */
  startService(image: DockerImage, index: number, primary: Docker.Container): Promise<Docker.Container> {
    return this.create(image, `service-${index}`, {
      Env: list({ ...this.options.serviceEnvironment, ...image.environment }),
      Entrypoint: image.entrypoint,
      Cmd: image.command,
      HostConfig: { NetworkMode: `container:${primary.id}` },
    });
  }

  private async create(
    image: DockerImage,
    role: string,
    more: Docker.ContainerCreateOptions,
  ): Promise<Docker.Container> {
    const { taskId, signal, limits, init } = this.options;
    const create: Docker.ContainerCreateOptions = {
      ...more,
      name: `rotunda-${taskId}-${role}`,
      Image: image.image,
      User: image.user,
      Labels: this.labels(),
      HostConfig: {
        ...more.HostConfig,
        Init: init,
        ShmSize: GIB,
        // json-file can be read back and is bounded here, whatever the engine's default is.
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '1' } },
        ...(limits && {
          NanoCpus: Math.round(limits.cpus * 1e9),
          Memory: limits.memory,
          MemorySwap: limits.memory,
        }),
      },
    };
    try {
      const container = await call(
        'create container',
        (abortSignal) => this.docker.createContainer({ ...create, abortSignal }),
        { signal },
      );
      await call('start container', (abortSignal) => container.start({ abortSignal }), {
        signal,
        timeoutMs: 60_000,
      });
      return container;
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      const reason = startReason(reasonOf(error));
      throw new ExecutorError(
        `Cannot start a container of the image ${image.image}: ${reason}`,
        status < 500 || /unable to find (user|group)/.test(reason) ? 'failed' : 'infrastructure_fail',
      );
    }
  }

  private labels(): Record<string, string> {
    return { ...this.options.labels };
  }
}

function list(environment: Record<string, string>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

function startReason(reason: string): string {
  if (/exec: "\/bin\/sh"/.test(reason))
    return 'it has no /bin/sh, which the primary container of a job needs';
  return reason.replace(/^.*OCI runtime create failed: /, '');
}
