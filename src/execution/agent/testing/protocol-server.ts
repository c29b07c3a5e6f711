// A real HTTP server that speaks the agent protocol, for the agent's tests: it keeps everything in memory, can be killed
// and started again with its memory (as a server with a database would), and can lose connections on purpose.
import { createHash, randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type {
  ClaimedTask,
  ClaimRequest,
  StepReport,
  TaskReport,
  WorkspaceLayer,
} from '../../protocol/index.js';

export interface TaskRecord {
  task: ClaimedTask;
  claimed: boolean;
  started: number;
  canceled: boolean;
  /** 410 from now on. */
  over: boolean;
  steps: Map<number, StepReport>;
  /** Statuses in the order in which they came, as `index:status`. */
  history: string[];
  outputs: Map<number, Buffer[]>;
  finished?: NonNullable<TaskReport['finished']>;
  artifacts: Map<string, Buffer>;
  testResults: Map<string, Buffer>;
}

export interface CallSeen {
  method: string;
  path: string;
  /** How often this server was called before this call. */
  count: number;
}

type Fault = 'drop before' | 'drop after' | 'answer 500' | undefined;

export class ProtocolServer {
  readonly token = 'agent-token';
  readonly tasks = new Map<string, TaskRecord>();
  readonly caches = new Map<string, { archive: Buffer; job: number; order: number; paths: string }>();
  readonly layers: { layer: WorkspaceLayer; archive: Buffer }[] = [];
  /** Which of the layers of other jobs a layer says it is concurrent with. */
  concurrent: (layer: WorkspaceLayer, other: WorkspaceLayer) => boolean = () => false;
  readonly claims: ClaimRequest[] = [];
  source: Buffer | undefined;
  /** Chosen per call: what goes wrong with it. */
  fault: (call: CallSeen) => Fault = () => undefined;
  /** False for a server of an earlier version. */
  outputInReports = true;
  /** Keeps the bytes of outputs; off for measurements of large ones. */
  keepOutput = true;
  readonly outputBytes = new Map<string, number>();
  calls = 0;
  resentBytes = 0;
  private server: http.Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly wakers = new Set<() => void>();
  private port = 0;

  async listen(): Promise<void> {
    const server = http.createServer((request, response) => void this.handle(request, response));
    server.keepAliveTimeout = 1000;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Like SIGKILL: open calls get no answer. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.wake();
    await closed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  offer(task: ClaimedTask): TaskRecord {
    const record: TaskRecord = {
      ...{ task, claimed: false, started: 0, canceled: false, over: false, history: [] },
      ...{ steps: new Map(), outputs: new Map(), artifacts: new Map(), testResults: new Map() },
    };
    this.tasks.set(task.taskId, record);
    this.wake();
    return record;
  }

  cancel(record: TaskRecord): void {
    record.canceled = true;
    this.wake();
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
    this.wakers.clear();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url!, 'http://x').pathname;
    const fault = this.fault({ method: request.method!, path, count: this.calls++ });
    try {
      if (fault === 'drop before') return void request.socket.destroy();
      if (fault === 'answer 500') {
        request.resume();
        return void response.writeHead(500).end('oops');
      }
      const answer = await this.answer(request);
      if (fault === 'drop after') return void request.socket.destroy();
      if (request.socket.destroyed) return;
      const body = Buffer.isBuffer(answer.body)
        ? answer.body
        : answer.body === undefined
          ? ''
          : JSON.stringify(answer.body);
      response
        .writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) })
        .end(body);
    } catch {
      request.socket.destroy();
    }
  }

  private async answer(
    request: IncomingMessage,
  ): Promise<{ status: number; body?: unknown; headers?: http.OutgoingHttpHeaders }> {
    const url = new URL(request.url!, 'http://x');
    const parts = url.pathname.split('/').slice(3);
    const query = url.searchParams;
    const body = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    const bearer = request.headers.authorization?.replace('Bearer ', '');
    if (parts[0] === 'claim') {
      if (bearer !== this.token) return { status: 401, body: { message: 'unknown agent token' } };
      return this.claim(JSON.parse(String(await body())) as ClaimRequest, request);
    }
    const record = this.tasks.get(parts[1]!);
    if (!record || bearer !== record.task.taskToken) return { status: 401 };
    if (record.over || record.finished) {
      // The last report may come twice, when its answer was lost.
      if (record.over || parts[2] !== 'report') return { status: 410 };
    }
    const call = `${request.method} ${parts[2]}`;
    if (call === 'POST heartbeat') {
      await body();
      if (!record.canceled) await this.hold(request, 300);
      return { status: 200, body: { cancel: record.canceled, leaseSeconds: 30 } };
    }
    if (call === 'POST report') return this.report(record, JSON.parse(String(await body())) as TaskReport);
    if (call === 'POST steps')
      return this.output(record, Number(parts[3]), Number(query.get('offset')), await body());
    if (call === 'GET source') return this.source ? { status: 200, body: this.source } : { status: 404 };
    if (call === 'GET cache') return this.cache(query.getAll('key'));
    if (call === 'GET cache-exists') {
      if (!this.caches.has(query.get('key')!)) return { status: 404 };
      return { status: 200, body: { createdAt: '2020-03-28T04:22:47.123Z' } };
    }
    if (call === 'PUT cache') {
      const archive = await body();
      const key = query.get('key')!;
      if (this.caches.has(key)) return { status: 200 };
      const paths = String(request.headers['x-rotunda-cache-paths']);
      this.caches.set(key, { archive, job: record.task.jobNumber, order: this.caches.size, paths });
      return { status: 201 };
    }
    if (call === 'GET workspace' && parts[3] === undefined)
      return { status: 200, body: this.layersInOrder() };
    if (call === 'GET workspace')
      return { status: 200, body: this.layers.find(({ layer }) => layer.id === parts[3])!.archive };
    if (call === 'POST workspace') return this.persist(record, Number(query.get('step')), await body());
    if (call === 'PUT artifacts') {
      record.artifacts.set(query.get('path')!, await body());
      return { status: 201, body: {} };
    }
    if (call === 'PUT test-results') {
      record.testResults.set(query.get('path')!, await body());
      return { status: 201 };
    }
    return { status: 404 };
  }

  private async claim(claim: ClaimRequest, request: IncomingMessage) {
    this.claims.push(claim);
    const waiting = () => [...this.tasks.values()].find((record) => !record.claimed);
    if (!waiting()) await this.hold(request, claim.waitSeconds * 1000);
    const record = waiting();
    if (!record || request.socket.destroyed) return { status: 204 };
    record.claimed = true;
    return { status: 200, body: { ...record.task, outputInReports: this.outputInReports } };
  }

  private report(record: TaskRecord, report: TaskReport) {
    const output = (report.output ?? []).map(
      ({ step, offset, bytes }) => this.output(record, step, offset, Buffer.from(bytes, 'base64')).body,
    );
    if ((report.output ?? []).some(({ offset }, i) => output[i]!.offset < offset)) {
      return { status: 409, body: { recorded: false, output } };
    }
    if (report.started) record.started++;
    for (const step of report.steps) {
      const before = record.steps.get(step.index);
      if (before?.endedAt && !step.endedAt) continue;
      record.steps.set(step.index, step);
      if (before?.status !== step.status) record.history.push(`${step.index}:${step.status}`);
    }
    record.finished ??= report.finished;
    return output.length === 0 ? { status: 204 } : { status: 200, body: { recorded: true, output } };
  }

  private output(record: TaskRecord, step: number, offset: number, bytes: Buffer) {
    const key = `${record.task.taskId}/${step}`;
    const have = this.outputBytes.get(key) ?? 0;
    if (offset > have) return { status: 409, body: { offset: have } };
    const fresh = bytes.subarray(have - offset);
    this.resentBytes += bytes.length - fresh.length;
    this.outputBytes.set(key, have + fresh.length);
    if (this.keepOutput) record.outputs.set(step, [...(record.outputs.get(step) ?? []), fresh]);
    return { status: 200, body: { offset: have + fresh.length } };
  }

  private cache(keys: string[]) {
    for (const key of keys) {
      const hits = [...this.caches]
        .filter(([stored]) => stored.startsWith(key))
        .sort((a, b) => b[1].order - a[1].order);
      const [hit] = hits;
      if (!hit) continue;
      const headers = {
        'x-rotunda-cache-key': encodeURIComponent(hit[0]),
        'x-rotunda-cache-job': hit[1].job,
        'x-rotunda-cache-sha256': sha256Of(hit[1].archive),
        'x-rotunda-cache-paths': hit[1].paths,
      };
      return { status: 200, body: hit[1].archive, headers };
    }
    return { status: 404 };
  }

  private persist({ task }: TaskRecord, step: number, archive: Buffer) {
    const { jobId, jobName, nodeIndex } = task;
    const of = { id: randomUUID(), workspaceId: 'ws', jobId, jobName, nodeIndex, step, concurrentWith: [] };
    const layer: WorkspaceLayer = { ...of, size: archive.length, sha256: sha256Of(archive) };
    this.layers.push({ layer, archive });
    return { status: 201, body: layer };
  }

  private layersInOrder(): WorkspaceLayer[] {
    const layers = this.layers.map(({ layer }) => layer);
    return layers.map((layer, i) => {
      const earlier = layers.slice(0, i).filter((other) => this.concurrent(layer, other));
      return { ...layer, concurrentWith: earlier.map(({ id }) => id) };
    });
  }

  /** Waits for a change, at most so long, or until the caller is gone. */
  private hold(request: IncomingMessage, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wakers.add(done);
      request.socket.once('close', done);
    });
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The whole output of a step as text. */
export function outputOf(record: TaskRecord, step: number): string {
  return Buffer.concat(record.outputs.get(step) ?? []).toString();
}
