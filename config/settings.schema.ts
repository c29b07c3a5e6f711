// Every setting of Rotunda: its environment variable, type, default and one line of help. The settings table of the
// README is generated from this list (`rotunda admin settings --markdown`), and the start checks every value by it.

export type SettingType =
  'string' | 'integer' | 'boolean' | 'duration' | 'list' | 'path' | 'url' | { oneOf: readonly string[] };

export interface SettingSpec {
  /** Environment variable. */
  readonly env: string;
  readonly type: SettingType;
  /** As one would write it in the environment; empty means "not set". */
  readonly default: string;
  readonly help: string;
  readonly secret?: boolean;
  /** For integers and durations (milliseconds). */
  readonly min?: number;
  readonly max?: number;
}

export const settingsSchema = {
  dataDirectory: {
    env: 'ROTUNDA_DATA_DIR',
    type: 'path',
    default: './.rotunda',
    help: 'Where everything is kept that is not in an external service: database, blobs, keys, mirrors.',
  },
  host: {
    env: 'ROTUNDA_HOST',
    type: 'string',
    default: '127.0.0.1',
    help: 'Address the server listens on; 0.0.0.0 for all.',
  },
  port: {
    env: 'ROTUNDA_PORT',
    type: 'integer',
    default: '7777',
    min: 0,
    max: 65535,
    help: 'Port of the web server; 0 takes a free one.',
  },
  publicUrl: {
    env: 'ROTUNDA_PUBLIC_URL',
    type: 'url',
    default: '',
    help: 'Address under which people and agents reach the server; default http://HOST:PORT.',
  },
  roles: {
    env: 'ROTUNDA_ROLES',
    type: 'list',
    default: 'api,conductor,dispatcher,cron,agent',
    help: 'What this process does: any of api, conductor, dispatcher, cron, agent.',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    type: 'url',
    default: '',
    secret: true,
    help: 'PostgreSQL 14 or later; without it the server starts its own in the data directory.',
  },
  databasePoolSize: {
    env: 'ROTUNDA_DATABASE_POOL_SIZE',
    type: 'integer',
    default: '8',
    min: 2,
    max: 200,
    help: 'Most connections to PostgreSQL for read models.',
  },
  redisUrl: {
    env: 'REDIS_URL',
    type: 'url',
    default: '',
    secret: true,
    help: 'Redis for work queues; without it they live in PostgreSQL.',
  },
  logLevel: {
    env: 'ROTUNDA_LOG_LEVEL',
    type: { oneOf: ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] },
    default: 'info',
    help: 'Least severe log lines that are written.',
  },
  logFormat: {
    env: 'ROTUNDA_LOG_FORMAT',
    type: { oneOf: ['json', 'text'] },
    default: 'text',
    help: 'Log lines as JSON or as text for people.',
  },
  agentMode: {
    env: 'ROTUNDA_AGENT',
    type: { oneOf: ['process', 'inline', 'off'] },
    default: 'process',
    help: 'The built-in agent: a process of its own that survives a crash of the server, inside the server, or none.',
  },
  agentCapacity: {
    env: 'ROTUNDA_AGENT_CAPACITY',
    type: 'integer',
    default: '2',
    min: 1,
    max: 256,
    help: 'How many tasks the built-in agent runs at once.',
  },
  agentExecutor: {
    env: 'ROTUNDA_AGENT_EXECUTOR',
    type: { oneOf: ['auto', 'docker', 'host', 'fake'] },
    default: 'auto',
    help: 'How the built-in agent runs docker jobs: in Docker when an engine answers, else in the shell of the host (auto), or always one of them.',
  },
  leaseSeconds: {
    env: 'ROTUNDA_LEASE_SECONDS',
    type: 'integer',
    default: '60',
    min: 2,
    max: 3600,
    help: 'A task whose agent gave no sign of life for this long is given up.',
  },
  missingContexts: {
    env: 'ROTUNDA_MISSING_CONTEXTS',
    type: { oneOf: ['refuse', 'empty'] },
    default: 'refuse',
    help: 'A job that names a context which does not exist: it ends as unauthorized (refuse), or runs without its variables (empty).',
  },
  maxJobRunTime: {
    env: 'ROTUNDA_MAX_JOB_RUN_TIME',
    type: 'duration',
    default: '5h',
    min: 1000,
    max: 7 * 86_400_000,
    help: 'Longest run of one job.',
  },
  gitTimeout: {
    env: 'ROTUNDA_GIT_TIMEOUT',
    type: 'duration',
    default: '2m',
    min: 1000,
    max: 3_600_000,
    help: 'Longest run of one git command.',
  },
  compileTimeout: {
    env: 'ROTUNDA_COMPILE_TIMEOUT',
    type: 'duration',
    default: '10s',
    min: 100,
    max: 600_000,
    help: 'Longest compilation of one config.',
  },
  compileMemory: {
    env: 'ROTUNDA_COMPILE_MEMORY',
    type: 'integer',
    default: '256',
    min: 16,
    max: 16_384,
    help: 'Most memory of the compilation of one config, in MB.',
  },
  compileMaxSource: {
    env: 'ROTUNDA_COMPILE_MAX_SOURCE',
    type: 'integer',
    default: '4194304',
    min: 1_000,
    max: 64 * 1024 * 1024,
    help: 'Most characters of one config or orb.',
  },
  compileMaxSourceValues: {
    env: 'ROTUNDA_COMPILE_MAX_SOURCE_VALUES',
    type: 'integer',
    default: '1000000',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most values (scalars, lists and maps) that a config and its orbs have as they are written, aliases expanded.',
  },
  compileMaxDepth: {
    env: 'ROTUNDA_COMPILE_MAX_DEPTH',
    type: 'integer',
    default: '250',
    min: 10,
    max: 1_000,
    help: 'How deep the lists and maps of a config or orb may stand in each other.',
  },
  compileMaxValues: {
    env: 'ROTUNDA_COMPILE_MAX_VALUES',
    type: 'integer',
    default: '4000000',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most values that one compilation makes by evaluating templates and calls.',
  },
  compileMaxText: {
    env: 'ROTUNDA_COMPILE_MAX_TEXT',
    type: 'integer',
    default: '67108864',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most characters that one compilation makes by evaluating templates.',
  },
  compileMaxOutput: {
    env: 'ROTUNDA_COMPILE_MAX_OUTPUT',
    type: 'integer',
    default: '16777216',
    min: 1,
    max: 256 * 1024 * 1024,
    help: 'Most characters of the jobs of a compiled config.',
  },
  compileMaxSteps: {
    env: 'ROTUNDA_COMPILE_MAX_STEPS',
    type: 'integer',
    default: '100000',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most steps of a compiled config, over all jobs.',
  },
  compileMaxJobs: {
    env: 'ROTUNDA_COMPILE_MAX_JOBS',
    type: 'integer',
    default: '5000',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most jobs of a compiled config, over all workflows and matrices.',
  },
  compileMaxOrbs: {
    env: 'ROTUNDA_COMPILE_MAX_ORBS',
    type: 'integer',
    default: '100',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    help: 'Most orbs of a config, with those that they import.',
  },
  urlOrbPrivate: {
    env: 'ROTUNDA_URL_ORB_PRIVATE',
    type: 'boolean',
    default: 'false',
    help: "URL orbs may come from addresses of private networks, too; what may be called at all is each organisation's list.",
  },
  cacheRetention: {
    env: 'ROTUNDA_CACHE_RETENTION',
    type: 'duration',
    default: '15d',
    min: 0,
    max: 3650 * 86_400_000,
    help: 'How long caches are kept after they were saved, unless their job says less; 0s for ever.',
  },
  workspaceRetention: {
    env: 'ROTUNDA_WORKSPACE_RETENTION',
    type: 'duration',
    default: '15d',
    min: 0,
    max: 3650 * 86_400_000,
    help: 'How long workspace layers are kept after they were persisted: reruns that need older ones fail; 0s for ever.',
  },
  reconcileInterval: {
    env: 'ROTUNDA_RECONCILE_INTERVAL',
    type: 'duration',
    default: '30s',
    min: 100,
    max: 3_600_000,
    help: 'How often queues are compared with what is waiting, and repaired.',
  },
  shutdownGrace: {
    env: 'ROTUNDA_SHUTDOWN_GRACE',
    type: 'duration',
    default: '10s',
    min: 0,
    max: 3_600_000,
    help: 'How long a stopping server waits for running tasks before it kills them.',
  },
} as const satisfies Record<string, SettingSpec>;
