// Live updates over socket.io. A client sends its token when it connects (`auth: { token }`), then joins rooms:
//   emit('watch', { job: id })       -> 'output' { taskId, step, offset, data }, 'step', 'job' as they happen
//   emit('watch', { pipeline: id })  -> 'pipeline', 'workflow', 'job' as they happen
// `unwatch` leaves a room. The answer to both is { ok: true } or { error }.
import { Inject, type OnModuleInit } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { buffer } from 'node:stream/consumers';
import type { Server, Socket } from 'socket.io';
import { DataSource } from 'typeorm';
import { Identity } from '../../app-core/index.js';
import { OutputStore, TaskEntity } from '../../execution/index.js';
import { findRow } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import { isUuid } from '../../platform/ids/ids.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { LOGGER } from '../../platform/tokens.js';
import { messagesFor } from './live.messages.js';

type Answer = { ok: true } | { error: string };

/** Bytes in one message, at most: a viewer that falls behind reads the rest over HTTP. */
const MAX_PIECE = 256 * 1024;
const ROOMS_PER_CLIENT = 100;
const KNOWN_TASKS = 5_000;

@WebSocketGateway({ path: '/live', serveClient: false, maxHttpBufferSize: 16 * 1024 })
export class LiveGateway implements OnGatewayInit, OnModuleInit {
  private server: Server | undefined;
  private readonly jobOfTask = new Map<string, Promise<string | undefined>>();
  private readonly sent = new Map<string, Promise<number>>();

  constructor(
    private readonly identity: Identity,
    private readonly output: OutputStore,
    private readonly followers: FollowerHost,
    private readonly database: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.followers.onProjected((projection, events) =>
      events.forEach((event) => this.tell(projection, event)),
    );
    this.output.onAppend((taskId, step, length) => {
      if (!this.server || this.server.engine.clientsCount === 0) return;
      this.tellOutput(taskId, step, length).catch((error: unknown) =>
        this.logger.warn({ err: error }, 'live output was not sent'),
      );
    });
  }

  afterInit(server: Server): void {
    this.server = server;
    server.use((socket, next) => {
      const token = String((socket.handshake.auth as { token?: unknown }).token ?? '');
      this.identity.verify(token).then(
        (caller) => next(caller ? undefined : new Error('Invalid token provided.')),
        () => next(new Error('Internal server error.')),
      );
    });
  }

  @SubscribeMessage('watch')
  async watch(@ConnectedSocket() socket: Socket, @MessageBody() body: unknown): Promise<Answer> {
    const room = roomOf(body);
    if ('error' in room) return room;
    if (socket.rooms.size > ROOMS_PER_CLIENT)
      return { error: `more than ${ROOMS_PER_CLIENT} rooms: unwatch some` };
    await socket.join(room.name);
    return { ok: true };
  }

  @SubscribeMessage('unwatch')
  async unwatch(@ConnectedSocket() socket: Socket, @MessageBody() body: unknown): Promise<Answer> {
    const room = roomOf(body);
    if ('error' in room) return room;
    await socket.leave(room.name);
    return { ok: true };
  }

  private tell(projection: string, event: RecordedEvent): void {
    if (!this.server || this.server.engine.clientsCount === 0) return;
    for (const { room, name, body } of messagesFor(projection, event)) this.server.to(room).emit(name, body);
  }

  /** What was added since the last message of this step; one step's messages go out in order. */
  private async tellOutput(taskId: string, step: number, length: number): Promise<void> {
    const room = `job-${await this.jobOf(taskId)}`;
    if (!this.server!.sockets.adapter.rooms.has(room)) return;
    const key = `${taskId}/${step}`;
    const previous = this.sent.get(key) ?? Promise.resolve(0);
    const next = previous.then(async (offset) => {
      if (offset >= length) return offset;
      const start = Math.max(offset, length - MAX_PIECE);
      const data = await buffer(await this.output.read(taskId, step, start, length));
      this.server!.to(room).emit('output', { taskId, step, offset: start, data });
      return length;
    });
    this.sent.set(
      key,
      next.catch(() => length),
    );
    if (this.sent.size > KNOWN_TASKS) this.sent.delete(this.sent.keys().next().value!);
    await next;
  }

  private jobOf(taskId: string): Promise<string | undefined> {
    const known = this.jobOfTask.get(taskId);
    if (known) return known;
    const found = findRow(this.database, TaskEntity, { id: taskId }).then((task) => task?.jobId);
    this.jobOfTask.set(taskId, found);
    found.catch(() => this.jobOfTask.delete(taskId));
    if (this.jobOfTask.size > KNOWN_TASKS) this.jobOfTask.delete(this.jobOfTask.keys().next().value!);
    return found;
  }
}

function roomOf(body: unknown): { name: string } | { error: string } {
  const { job, pipeline } = (body ?? {}) as { job?: unknown; pipeline?: unknown };
  const [kind, id] = job === undefined ? ['pipeline', pipeline] : ['job', job];
  return typeof id === 'string' && isUuid(id)
    ? { name: `${kind}-${id}` }
    : { error: `${kind} is not a UUID` };
}
