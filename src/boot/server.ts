// Puts a server process together: log, queues, followers, web server, built-in agent, by the roles asked for.
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Settings } from '../../config/settings.js';
import { Identity, JobSecrets } from '../app-core/index.js';
import { serveOpenApi } from '../app-core/api/rest-v2/rest-v2.module.js';
import { restRouting } from '../app-core/api/rest-v2/routing.js';
import { AppModule } from '../app.module.js';
import { DispatcherCron } from '../execution/index.js';
import { ErrorFilter } from '../platform/http/error-filter.js';
import type { WorkHandler } from '../platform/queue/index.js';
import type { PlatformParts } from '../platform/runtime/platform.module.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { startBuiltInAgent } from './built-in-agent.js';
import { keptSecret } from './data-directory.js';
import { addProjections, processManagersOf } from './followers.js';
import { configureHttp } from './http.js';
import { NestLogger } from './nest-logger.js';
import { openPlatform } from './platform.js';
import { selfCheck } from './self-check/self-check.js';
import { wiredIn } from './self-check/wired.js';
import { findWritten } from './self-check/written.js';
import type { Undo } from './undo.js';
import { QUEUES, workHandlers } from './work.js';

export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:7777`. */
  url: string;
  app: NestFastifyApplication;
  parts: PlatformParts;
  /** The administrator's token, on the first start only. */
  firstToken?: string;
  /** Finishes or gives up what runs, within the grace period of the settings, and frees everything. */
  stop(): Promise<void>;
}

/** Puts the parts of a server together and starts them. What was started before, and what is started here, stands in `undo`. */
export async function assemble(
  given: Settings,
  databaseUrl: string,
  logger: Logger,
  undo: Undo,
): Promise<RunningServer> {
  // What needs nothing else is done while the database answers.
  const [parts, adapter, written] = await together(
    openPlatform(given, databaseUrl, logger, undo),
    Promise.resolve().then(makeAdapter),
    findWritten(),
  );
  const { settings, followers, queue } = parts;

  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(parts), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  undo.add('web server', () => app.close());
  configureHttp(app);
  serveOpenApi(app);
  app.useGlobalFilters(app.get(ErrorFilter));
  app.useWebSocketAdapter(new IoAdapter(app));
  await app.init();

  await app.get(JobSecrets).checkKeys();

  const does = (role: string): boolean => settings.roles.includes(role);
  const projections = addProjections(followers);
  const processManagers = processManagersOf(app);
  const wired = await wiredIn(app, parts.database);
  selfCheck(written, { projections, processManagers, workHandlers, ...wired });
  if (does('conductor')) for (const manager of processManagers) followers.addProcessManager(manager);
  const cron = app.get(DispatcherCron);
  cron.listen();
  undo.add('followers', () => followers.stop());
  followers.start();

  for (const handler of workHandlers) queue.register(app.get<WorkHandler>(handler));
  queue.checkHandlers(QUEUES);
  undo.add('work queues', () => queue.stop(settings.shutdownGrace));
  undo.add('dispatcher', () => cron.stop());
  const identity = app.get(Identity);
  const [firstToken] = await together(
    identity.bootstrap(),
    does('conductor') ? queue.start() : undefined,
    does('dispatcher') ? cron.start() : undefined,
  );
  await app.listen({ port: settings.port, host: settings.host });
  const url = settings.publicUrl || addressOf(app, settings);
  (settings as { publicUrl: string }).publicUrl = url;

  // From here on the server is ready. The agent is not waited for: what it does not claim yet waits in the tables, as it
  // does for agents on other machines.
  if (does('agent') && settings.agentMode !== 'off') {
    const token = await agentToken(settings, identity);
    const agent = await startBuiltInAgent({ settings, serverUrl: addressOf(app, settings), token, logger });
    undo.add('agent', () => agent.stop(settings.shutdownGrace));
  }
  return { url, app, parts, firstToken, stop: () => undo.all() };
}

function makeAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    ...restRouting,
    bodyLimit: 4 * 1024 * 1024,
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
  });
}

/** Promise.all that fails only when all have ended: what is stopped then must not be starting still. */
async function together<const Steps extends readonly unknown[]>(
  ...steps: Steps
): Promise<{ -readonly [Step in keyof Steps]: Awaited<Steps[Step]> }> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}

function agentToken(settings: Settings, identity: Identity): Promise<string> {
  const make = async (): Promise<string> =>
    identity.issueToken(await identity.createUser('agent', 'Built-in agent'), 'built-in agent', 'agent');
  return keptSecret(
    join(settings.dataDirectory, 'agent-token'),
    make,
    async (token) => (await identity.verify(token))?.kind === 'agent',
  );
}

function addressOf(app: NestFastifyApplication, settings: Settings): string {
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  const host = ['0.0.0.0', '::', ''].includes(settings.host) ? '127.0.0.1' : settings.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
