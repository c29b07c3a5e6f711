// Starts and stops a server process: database, log, queues, followers, web server, built-in agent, by the roles asked for.
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Settings } from '../../config/settings.js';
import { Identity } from '../app-core/index.js';
import { serveOpenApi } from '../app-core/api/rest-v2/rest-v2.module.js';
import { restRouting } from '../app-core/api/rest-v2/routing.js';
import { AppModule } from '../app.module.js';
import { DispatcherCron, TEST_REPORT_QUEUE, TestReportWorkHandler } from '../execution/index.js';
import { COMPILE_QUEUE, CompileWorkHandler } from '../pipelines/index.js';
import { startEmbeddedPostgres } from '../platform/database/embedded/embedded-postgres.js';
import { ErrorFilter } from '../platform/http/error-filter.js';
import type { PlatformParts } from '../platform/runtime/platform.module.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { startBuiltInAgent, type BuiltInAgent } from './built-in-agent.js';
import { holdDataDirectory, keptSecret } from './data-directory.js';
import { addProcessManagers, addProjections } from './followers.js';
import { configureHttp } from './http.js';
import { NestLogger } from './nest-logger.js';
import { openPlatform } from './platform.js';
import { Undo } from './undo.js';

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

const QUEUES = [COMPILE_QUEUE, TEST_REPORT_QUEUE];

/**
 * Starts a server. When a part cannot start, those before it are stopped again and the error says which it was.
 * `publicUrl` follows the port that was taken unless it is set.
 */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const undo = new Undo(logger);
  try {
    return await start(settings, logger, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function start(given: Settings, logger: Logger, undo: Undo): Promise<RunningServer> {
  const directory = await holdDataDirectory(given.dataDirectory);
  undo.add('data directory', () => directory.release());
  const databaseUrl = given.databaseUrl || (await embeddedDatabase(given, logger, undo));
  const parts = await openPlatform(given, databaseUrl, logger, undo);
  const { settings, followers, queue } = parts;

  const adapter = new FastifyAdapter({
    ...restRouting,
    bodyLimit: 4 * 1024 * 1024,
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
  });
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

  const does = (role: string): boolean => settings.roles.includes(role);
  addProjections(followers);
  if (does('conductor')) addProcessManagers(followers, app);
  const cron = app.get(DispatcherCron);
  cron.listen();
  undo.add('followers', () => followers.stop());
  followers.start();

  queue.register(app.get(CompileWorkHandler));
  queue.register(app.get(TestReportWorkHandler));
  queue.checkHandlers(QUEUES);
  undo.add('work queues', () => queue.stop(settings.shutdownGrace));
  if (does('conductor')) await queue.start();
  if (does('dispatcher')) {
    await cron.start();
    undo.add('dispatcher', () => cron.stop());
  }

  const identity = app.get(Identity);
  const firstToken = await identity.bootstrap();
  await app.listen({ port: settings.port, host: settings.host });
  const url = settings.publicUrl || addressOf(app, settings);
  (settings as { publicUrl: string }).publicUrl = url;

  let agent: BuiltInAgent | undefined;
  if (does('agent') && settings.agentMode !== 'off') {
    const token = await agentToken(settings, identity);
    agent = await startBuiltInAgent({ settings, serverUrl: addressOf(app, settings), token, logger });
    undo.add('agent', () => agent!.stop(settings.shutdownGrace));
  }
  return { url, app, parts, firstToken, stop: () => undo.all() };
}

async function embeddedDatabase(settings: Settings, logger: Logger, undo: Undo): Promise<string> {
  const dataDirectory = join(settings.dataDirectory, 'pg');
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    log: (line) => logger.debug({ from: 'postgres' }, line),
  });
  undo.add('database', () => postgres.stop());
  return postgres.url;
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
