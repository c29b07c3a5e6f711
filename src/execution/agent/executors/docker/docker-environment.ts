// The environment of one task in Docker: its primary container behind the ExecutionEnvironment port.
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import {
  ExecutorError,
  type CommandSpec,
  type ExecutionEnvironment,
  type FileStat,
  type NewEntry,
  type RunningCommand,
} from '../executor.port.js';
import { tarOf } from '../../files/tar-of.js';
import { BELL, startCommand } from './command.js';
import type { ContainerFiles, JobUser } from './files.js';
import { untilEnd } from './watch.js';

export interface DockerEnvironmentParts {
  primary: Docker.Container;
  image: string;
  user: JobUser;
  files: ContainerFiles;
  home: string;
  workingDirectory: string;
  baseEnvironment: Record<string, string>;
  description: string;
  /** Ends the watching of this task's containers. */
  watching: AbortController;
  /** Removes the task's containers and network. */
  remove(): Promise<void>;
}

export class DockerEnvironment implements ExecutionEnvironment {
  readonly distant = true;
  readonly description: string;
  readonly home: string;
  readonly workingDirectory: string;
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly bell = BELL;
  readonly died: Promise<never>;
  private onEntry: (name: string) => void = () => undefined;
  private removal: Promise<void> | undefined;

  constructor(private readonly parts: DockerEnvironmentParts) {
    this.description = parts.description;
    this.home = parts.home;
    this.workingDirectory = parts.workingDirectory;
    this.baseEnvironment = parts.baseEnvironment;
    this.died = new Promise<never>((_resolve, reject) => {
      void untilEnd(parts.primary, parts.image, parts.watching.signal).then((reason) => {
        if (!parts.watching.signal.aborted) reject(new ExecutorError(reason));
      });
    });
    // Whoever does not listen must not crash the program by it.
    this.died.catch(() => undefined);
  }

  start(spec: CommandSpec): Promise<RunningCommand> {
    const environment = { ...this.baseEnvironment, ...spec.environment };
    const onEntry = (name: string): void => this.onEntry(name);
    return startCommand(this.parts.primary, this.parts.user, { ...spec, environment }, onEntry);
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.parts.files.stat(path);
  }

  async mkdir(path: string): Promise<void> {
    await this.parts.files.mkdir(path);
  }

  writeFile(path: string, content: Buffer | string, mode?: number): Promise<void> {
    return this.parts.files.writeFile(path, content, mode);
  }

  readFile(path: string): Promise<Readable> {
    return this.parts.files.readFile(path);
  }

  readFiles(directory: string, limit: number): Promise<Record<string, Buffer>> {
    return this.parts.files.readFiles(directory, limit);
  }

  /**
   * A directory in a container cannot be watched from here, and a process there that waits for news would cost each job an
   * exec. So they come on the stream that each command has for its wrapper's words.
   */
  hear(_directory: string, onEntry: (name: string) => void): void {
    this.onEntry = onEntry;
  }

  listFiles(path: string): Promise<string[]> {
    return this.parts.files.listFiles(path);
  }

  glob(root: string, pattern: string): Promise<string[]> {
    return this.parts.files.glob(root, pattern);
  }

  pack(base: string, paths: string[]): Promise<Readable> {
    return this.parts.files.pack(base, paths);
  }

  make(base: string, entries: readonly NewEntry[]): Promise<void> {
    return this.parts.files.unpackInto(base, tarOf(entries));
  }

  unpack(base: string, tar: Readable): Promise<void> {
    return this.parts.files.unpack(base, tar);
  }

  /** A container that is stopped and then removed takes two calls of the engine instead of one. */
  end(): Promise<void> {
    return this.destroy();
  }

  /** Once; what cannot be removed now is left to cleanUp() of a later start. */
  destroy(): Promise<void> {
    this.parts.watching.abort();
    this.removal ??= this.parts.remove().catch(() => undefined);
    return this.removal;
  }
}
