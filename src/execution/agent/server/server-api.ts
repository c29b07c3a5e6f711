// The calls of the agent protocol. Each is bounded in time and tried again until the server has understood.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  ClaimedTask,
  ClaimRequest,
  FailedTests,
  HeartbeatResponse,
  LeavingNotice,
  OutputAck,
  ReportAck,
  TaskReport,
  WorkspaceLayer,
} from '../../protocol/index.js';
import { HttpClient, readText, type HttpRequest, type HttpResponse } from './http-client.js';
import { ClaimOverError, RefusedError, withRetry, type Logger } from './retry.js';

const CALL_TIMEOUT_MS = 15_000;
/** For bodies of any size: ms without a byte of progress. A server may hash and store before it answers. */
const TRANSFER_TIMEOUT_MS = 120_000;
/** Characters of a query or a header: servers take 16 KiB for all of a request's head. */
const LONGEST_QUERY = 6000;
const LAST_WORD_TIMEOUT_MS = 2000;
const PREFIX = '/agent/v1';
const MOST_FAILED_BYTES = 64 * 1024 * 1024;

/** One claim. Resolves undefined when there was nothing to do. Not tried again here: the claim loop does that. */
export async function claimTask(
  client: HttpClient,
  token: string,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<ClaimedTask | undefined> {
  const response = await client.request({
    method: 'POST',
    path: `${PREFIX}/claim`,
    token,
    ...json(request),
    idleTimeoutMs: request.waitSeconds * 1000 + CALL_TIMEOUT_MS,
    signal,
  });
  const text = await readText(response.body, 64 * 1024 * 1024);
  if (response.status === 204) return undefined;
  if (response.status !== 200) throw new RefusedError(response.status, messageIn(text, response.status));
  return JSON.parse(text) as ClaimedTask;
}

/** Tells that the agent takes no more tasks, or goes. Tried once; throws when the server does not take it. */
export async function tellLeaving(client: HttpClient, token: string, notice: LeavingNotice): Promise<void> {
  const path = `${PREFIX}/leaving`;
  const idleTimeoutMs = LAST_WORD_TIMEOUT_MS;
  const response = await client.request({ method: 'POST', path, token, ...json(notice), idleTimeoutMs });
  const text = await readText(response.body);
  if (response.status >= 300) throw new RefusedError(response.status, messageIn(text, response.status));
}

/** An archive that the server has, while it is read. */
export interface Download {
  headers: HttpResponse['headers'];
  body: IncomingMessage;
}

/** A cache that the server has, while it is read. */
export interface CachedArchive {
  key: string;
  /** Of the job that saved it. */
  jobNumber?: string;
  /** Bytes. */
  size?: number;
  /** In hex. */
  sha256?: string;
  /** What it holds, as paths of the environment that it was made in; none for caches of earlier versions. */
  paths: string[];
  body: Readable;
}

export class TaskApi {
  /**
   * @param signal ends all calls, for good
   * @param onClaimOver called when the server says that this claim is over; the call itself throws ClaimOverError
   */
  constructor(
    private readonly client: HttpClient,
    private readonly taskId: string,
    private readonly token: string,
    private readonly logger: Logger,
    readonly signal: AbortSignal,
    private readonly onClaimOver: (status: number) => void,
  ) {}

  async heartbeat(waitSeconds: number): Promise<HeartbeatResponse> {
    const idleTimeoutMs = waitSeconds * 1000 + CALL_TIMEOUT_MS;
    const text = await this.call('heartbeat', () => ({
      method: 'POST',
      path: 'heartbeat',
      ...json({ waitSeconds }),
      idleTimeoutMs,
    }));
    return JSON.parse(text) as HeartbeatResponse;
  }

  async report(report: TaskReport): Promise<ReportAck> {
    const make = () => ({ method: 'POST', path: 'report', ...json(report) }) as const;
    const text = await this.call('report', make, [409]);
    if (text === '') return { recorded: true, output: [] };
    const ack = JSON.parse(text) as Partial<ReportAck>;
    if (ack.output === undefined) throw new RefusedError(409, messageIn(text, 409));
    return { recorded: ack.recorded === true, output: ack.output };
  }

  /** Sends bytes of a step's output; a gap is answered with where to send from, like success. */
  async output(step: number, offset: number, body: Buffer): Promise<OutputAck> {
    const path = `steps/${step}/output?offset=${offset}`;
    const headers = { 'content-type': 'application/octet-stream' };
    const text = await this.call('output', () => ({ method: 'POST', path, body, headers }), [409]);
    return JSON.parse(text) as OutputAck;
  }

  /**
   * Says that the bytes of a step's output from `offset` on lie in a file, in the form of a blob. Undefined when the
   * server does not take it: an earlier version, or its blobs are on another disk.
   */
  async outputFile(step: number, offset: number, file: string): Promise<OutputAck | undefined> {
    const name = file.split('/').slice(-2).join('/');
    const path = `steps/${step}/output-file?offset=${offset}&name=${encodeURIComponent(name)}`;
    try {
      const text = await this.call('output file', () => ({ method: 'POST', path }), [409]);
      return JSON.parse(text) as OutputAck;
    } catch (error) {
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  /** The tar of the source; false without version control. */
  async source(consume: (download: Download) => Promise<void>): Promise<boolean> {
    return this.download('source', 'source', consume);
  }

  /** The newest archive for the first key that matches; false when none does. */
  async cache(keys: string[], consume: (archive: CachedArchive) => Promise<void>): Promise<boolean> {
    for (const some of byLength(keys, LONGEST_QUERY)) {
      const query = some.map((key) => `key=${encodeURIComponent(key)}`).join('&');
      const found = await this.download('cache', `cache?${query}`, ({ headers, body }) =>
        consume(cachedArchive(headers, body)),
      );
      if (found) return true;
    }
    return false;
  }

  /** When the cache with exactly this key was made, if there is one. */
  async storedCache(key: string): Promise<{ createdAt?: string } | undefined> {
    const path = `cache-exists?key=${encodeURIComponent(key)}`;
    return withRetry('cache-exists', this.logger, this.signal, async () => {
      const response = await this.request({ method: 'GET', path });
      const text = await readText(response.body);
      if (response.status === 404) return undefined;
      this.check(response.status, text);
      // Servers of earlier versions say no more than that there is one.
      return text === '' ? {} : (JSON.parse(text) as { createdAt?: string });
    });
  }

  /** False when the server had the key already. `paths`: what the archive holds, for people. */
  async saveCache(key: string, paths: string[], body: () => Promise<Readable>): Promise<boolean> {
    const headers = { 'x-rotunda-cache-paths': pathsHeader(paths) };
    const path = `cache?key=${encodeURIComponent(key)}`;
    return (await this.upload('cache', 'PUT', path, body, headers)).status === 201;
  }

  async workspace(): Promise<WorkspaceLayer[]> {
    return JSON.parse(
      await this.call('workspace', () => ({ method: 'GET', path: 'workspace' })),
    ) as WorkspaceLayer[];
  }

  async workspaceLayer(id: string, consume: (download: Download) => Promise<void>): Promise<boolean> {
    return this.download('workspace layer', `workspace/${encodeURIComponent(id)}`, consume);
  }

  async persist(step: number, body: () => Promise<Readable>): Promise<WorkspaceLayer> {
    return JSON.parse(
      (await this.upload('workspace', 'POST', `workspace?step=${step}`, body)).text,
    ) as WorkspaceLayer;
  }

  async artifact(path: string, body: () => Promise<Readable>): Promise<void> {
    await this.upload('artifact', 'PUT', `artifacts?path=${encodeURIComponent(path)}`, body);
  }

  async testResult(step: number, path: string, body: () => Promise<Readable>): Promise<void> {
    await this.upload(
      'test results',
      'PUT',
      `test-results?step=${step}&path=${encodeURIComponent(path)}`,
      body,
    );
  }

  /** The times of an earlier run's tests; false when there are none. */
  async testTimings(consume: (download: Download) => Promise<void>): Promise<boolean> {
    return this.download('test timings', 'test-timings', consume);
  }

  /** What is to run again; undefined when the server does not know of any. */
  async failedTests(): Promise<FailedTests | undefined> {
    let text = '';
    const found = await this.download('failed tests', 'failed-tests', async ({ body }) => {
      text = await readText(body, MOST_FAILED_BYTES);
    });
    return found ? (JSON.parse(text) as FailedTests) : undefined;
  }

  private call(
    what: string,
    make: () => Partial<HttpRequest> & Pick<HttpRequest, 'method' | 'path'>,
    alsoGood: number[] = [],
  ) {
    return withRetry(what, this.logger, this.signal, async () => {
      const response = await this.request(make());
      const text = await readText(response.body);
      if (!alsoGood.includes(response.status)) this.check(response.status, text);
      return text;
    });
  }

  private upload(
    what: string,
    method: 'PUT' | 'POST',
    path: string,
    body: () => Promise<Readable>,
    headers?: Record<string, string>,
  ) {
    return withRetry(what, this.logger, this.signal, async () => {
      const response = await this.request({
        method,
        path,
        headers: { 'content-type': 'application/octet-stream', ...headers },
        body: await body(),
        idleTimeoutMs: TRANSFER_TIMEOUT_MS,
      });
      const text = await readText(response.body);
      this.check(response.status, text);
      return { status: response.status, text };
    });
  }

  /** Reads an archive from the start again when the connection breaks off; what `consume` itself throws is final. */
  private download(
    what: string,
    path: string,
    consume: (download: Download) => Promise<void>,
  ): Promise<boolean> {
    return withRetry(what, this.logger, this.signal, async () => {
      const response = await this.request({ method: 'GET', path, idleTimeoutMs: TRANSFER_TIMEOUT_MS });
      if (response.status !== 200) {
        const text = await readText(response.body);
        if (response.status !== 404) this.check(response.status, text);
        return false;
      }
      let broken: Error | undefined;
      response.body.once('error', (error: Error) => (broken = error));
      try {
        await consume({ headers: response.headers, body: response.body });
      } catch (error) {
        if (broken !== undefined) throw broken;
        throw new ConsumeError(error);
      } finally {
        response.body.destroy();
      }
      return true;
    }).catch((error: unknown) => {
      throw error instanceof ConsumeError ? error.reason : error;
    });
  }

  private request(
    request: Partial<HttpRequest> & Pick<HttpRequest, 'method' | 'path'>,
  ): Promise<HttpResponse> {
    return this.client.request({
      idleTimeoutMs: CALL_TIMEOUT_MS,
      signal: this.signal,
      ...request,
      token: this.token,
      path: `${PREFIX}/tasks/${encodeURIComponent(this.taskId)}/${request.path}`,
    });
  }

  private check(status: number, text: string): void {
    if (status < 300) return;
    // A token that the server does not know (401, 403) is as void as one that it ended (410).
    if (status === 410 || status === 401 || status === 403) {
      this.onClaimOver(status);
      throw new ClaimOverError(status);
    }
    const message = messageIn(text, status);
    if (status >= 500 || status === 408 || status === 429) throw new Error(message);
    throw new RefusedError(status, message);
  }
}

/** Wraps what a consumer threw, so that it is not taken for a broken connection and tried again. */
class ConsumeError extends RefusedError {
  constructor(readonly reason: unknown) {
    super(0, 'the archive could not be used');
  }
}

function cachedArchive(headers: HttpResponse['headers'], body: Readable): CachedArchive {
  const text = (name: string): string | undefined => {
    const value = headers[`x-rotunda-cache-${name}`];
    return typeof value === 'string' && value !== '' ? decodeURIComponent(value) : undefined;
  };
  const length = headers['content-length'];
  return {
    key: text('key') ?? '',
    jobNumber: text('job'),
    size: length === undefined ? undefined : Number(length),
    sha256: text('sha256'),
    paths: JSON.parse(text('paths') ?? '[]') as string[],
    body,
  };
}

/** As many of the paths as a header may hold. */
function pathsHeader(paths: readonly string[]): string {
  const encoded = (count: number): string => encodeURIComponent(JSON.stringify(paths.slice(0, count)));
  let count = paths.length;
  while (encoded(count).length > LONGEST_QUERY) count = Math.floor(count / 2);
  return encoded(count);
}

/** The texts in groups that are no longer than `limit` when they are encoded, unless one alone is. */
function byLength(texts: readonly string[], limit: number): string[][] {
  const groups: string[][] = [];
  let left = 0;
  for (const text of texts) {
    const length = encodeURIComponent(text).length + 5;
    if (groups.length === 0 || length > left) {
      groups.push([]);
      left = limit;
    }
    groups.at(-1)!.push(text);
    left -= length;
  }
  return groups;
}

function json(value: unknown): { body: Buffer; headers: Record<string, string> } {
  return { body: Buffer.from(JSON.stringify(value)), headers: { 'content-type': 'application/json' } };
}

function messageIn(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not JSON: the status has to do.
  }
  return `the server answered ${status}`;
}
