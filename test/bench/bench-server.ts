// The real program as the benchmark drives it: a child process, over its API and its live updates.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { io, type Socket } from 'socket.io-client';

export type Json = Record<string, unknown>;

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export class BenchServer {
  private child: ChildProcess | undefined;
  private url = '';
  private token = '';
  private socket: Socket | undefined;

  private constructor(private readonly data: string) {}

  static async start(data: string): Promise<BenchServer> {
    const server = new BenchServer(data);
    await server.start();
    return server;
  }

  /** Milliseconds until `/health/ready` said 200. */
  async start(): Promise<number> {
    const started = performance.now();
    const env = { ...process.env, ROTUNDA_DATA_DIR: this.data, ROTUNDA_PORT: '0', ROTUNDA_LOG_LEVEL: 'warn' };
    const child = spawn(process.execPath, [PROGRAM, 'up'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    let text = '';
    this.url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code} while starting`)));
      child.stdout!.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const url = /ready at (\S+)/.exec(text)?.[1];
        if (url) setImmediate(() => resolve(url));
      });
    });
    if ((await fetch(`${this.url}/health/ready`)).status !== 200) throw new Error('the server is not ready');
    const took = performance.now() - started;
    this.token = /rotu_\S+/.exec(text)?.[0] ?? this.token;
    return took;
  }

  async stop(): Promise<void> {
    this.socket?.close();
    this.socket = undefined;
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** Waits until the load of the start is over. */
  settle(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async project(name: string, repository: string): Promise<string> {
    const made = await this.call('POST', '/api/v2/organization/git/bench/project', {
      name,
      vcs_url: repository,
    });
    return String(made['slug']);
  }

  async variable(slug: string, name: string, value: string): Promise<void> {
    await this.call('POST', `/api/v2/project/${slug}/envvar`, { name, value });
  }

  async trigger(slug: string): Promise<{ id: string }> {
    return (await this.call('POST', `/api/v2/project/${slug}/pipeline`, {})) as { id: string };
  }

  /** Waits until the pipeline's workflow has ended; throws unless it succeeded. */
  async ended(pipelineId: string, limitMs = 30_000): Promise<void> {
    const socket = await this.connected();
    const status = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => done(() => reject(new Error(`pipeline ${pipelineId} did not end in time`))),
        limitMs,
      );
      const onWorkflow = (body: Json): void => {
        if (body['pipelineId'] === pipelineId && body['status'] !== 'running')
          done(() => resolve(String(body['status'])));
      };
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        socket.off('workflow', onWorkflow);
        socket.emit('unwatch', { pipeline: pipelineId });
        settle();
      };
      socket.on('workflow', onWorkflow);
      socket.emit('watch', { pipeline: pipelineId }, async () => {
        const { items } = (await this.call('GET', `/api/v2/pipeline/${pipelineId}/workflow`)) as {
          items: Json[];
        };
        const stopped = items.find((workflow) => workflow['stopped_at']);
        if (stopped) done(() => resolve(String(stopped['status'])));
      });
    });
    if (status !== 'success') throw new Error(`pipeline ${pipelineId} ended ${status}`);
  }

  /** The id of the first job once the pipeline's workflow has ended; throws unless it succeeded. */
  async endedJob(pipelineId: string, limitMs?: number): Promise<string> {
    await this.ended(pipelineId, limitMs);
    const { items: workflows } = (await this.call('GET', `/api/v2/pipeline/${pipelineId}/workflow`)) as {
      items: Json[];
    };
    const { items: jobs } = (await this.call('GET', `/api/v2/workflow/${workflows[0]!['id']}/job`)) as {
      items: Json[];
    };
    return String(jobs[0]!['id']);
  }

  async stepOf(jobId: string, wanted: (step: Json) => boolean): Promise<Json> {
    const { items } = (await this.call('GET', `/api/rotunda/v1/jobs/${jobId}/steps`)) as {
      items: { steps: Json[] }[];
    };
    return items[0]!.steps.find(wanted)!;
  }

  async outputOf(jobId: string, wanted: (step: Json) => boolean): Promise<string> {
    const step = await this.stepOf(jobId, wanted);
    return (await this.request('GET', outputPath(jobId, Number(step['index'])))).text();
  }

  async outputLength(jobId: string, step: number): Promise<number> {
    const response = await this.request('GET', outputPath(jobId, step), undefined, { range: 'bytes=0-0' });
    await response.arrayBuffer();
    return Number(response.headers.get('content-range')?.split('/')[1] ?? 0);
  }

  /** Process ids by part. */
  async processes(part: 'server' | 'agent' | 'postgres'): Promise<number[]> {
    if (part === 'server') return [this.child!.pid!];
    if (part === 'agent')
      return [
        (JSON.parse(await readFile(join(this.data, 'agent', 'process.json'), 'utf8')) as { pid: number }).pid,
      ];
    const main = Number(
      (
        await readFile(join(this.data, 'pg', 'postmaster.pid'), 'utf8').catch(async () =>
          readPostmaster(this.data),
        )
      ).split('\n')[0],
    );
    return [main, ...(await childrenOf(main))];
  }

  /** Processor time that a part has used since its start, in ms: its own, that of its children and of those that ended. */
  async cpuTime(part: 'server' | 'agent' | 'postgres'): Promise<number> {
    const texts = await Promise.all(
      (await this.processes(part)).map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')),
    );
    // Fields 14 to 17 of proc(5): user and system time, then those of children waited for, in ticks of 10 ms.
    const ticks = texts.flatMap((text) =>
      text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 15),
    );
    return ticks.reduce((sum, each) => sum + Number(each), 0) * 10;
  }

  private async connected(): Promise<Socket> {
    if (this.socket?.connected) return this.socket;
    const socket = io(this.url, { path: '/live', auth: { token: this.token }, transports: ['websocket'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    this.socket = socket;
    return socket;
  }

  private async call(method: string, path: string, body?: unknown): Promise<Json> {
    return (await (await this.request(method, path, body)).json()) as Json;
  }

  private async request(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Response> {
    const headers = {
      'circle-token': this.token,
      ...more,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

function outputPath(jobId: string, step: number): string {
  return `/api/rotunda/v1/jobs/${jobId}/tasks/0/steps/${step}/output`;
}

async function readPostmaster(data: string): Promise<string> {
  for (const name of await readdir(join(data, 'pg'))) {
    const text = await readFile(join(data, 'pg', name, 'postmaster.pid'), 'utf8').catch(() => '');
    if (text !== '') return text;
  }
  throw new Error('no PostgreSQL runs in the data directory');
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** A repository with this config in one commit. */
export async function makeRepository(directory: string, name: string, config: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, '.circleci'), { recursive: true });
  await writeFile(join(path, '.circleci', 'config.yml'), config);
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-C', path, '-c', 'user.name=bench', '-c', 'user.email=bench@example.test', ...args]);
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-qm', 'A config');
  return path;
}
