// What each module may import (the same table stands in CONTRIBUTING.md). Other modules are entered by their index.ts only.
const business = 'pipelines|execution|app-core|metrics|frontend|machine';
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Modules that need each other are one module.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'platform-knows-no-business',
      comment: 'The shared kernel must not know what it carries.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: `^src/(${business}|cli)/` },
    },
    {
      name: 'enter-by-index',
      comment: 'Another module is entered through its index.ts.',
      severity: 'error',
      from: { path: `^src/(${business})/` },
      to: {
        path: `^src/(${business})/`,
        pathNot: [`^src/$1/`, `^src/(${business})/index\\.ts$`, `^src/(${business})/[^/]+/index\\.ts$`],
      },
    },
    {
      name: 'pipelines-below-execution',
      comment: 'pipelines decides, execution runs: pipelines may not import execution.',
      severity: 'error',
      from: { path: '^src/pipelines/' },
      to: { path: '^src/(execution|app-core|metrics|frontend|machine|cli)/' },
    },
    {
      name: 'execution-below-edges',
      severity: 'error',
      comment: 'Edges call execution, never the other way.',
      from: { path: '^src/execution/' },
      to: { path: '^src/(app-core|metrics|frontend|cli)/' },
    },
    {
      name: 'agent-stands-alone',
      severity: 'error',
      comment: 'The agent runs on other machines: it knows the protocol and small platform helpers only.',
      from: { path: '^src/execution/agent/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/execution/(agent|protocol)/',
          '^src/platform/(errors|ids|telemetry|process|clock)/',
          '^src/platform/blobs/blob-trailer\\.ts$',
          '^src/pipelines/config/(index|plan/[^/]+)\\.ts$',
        ],
      },
    },
    {
      name: 'pure-core',
      severity: 'error',
      comment: 'Deciders, events and the compiler import neither Nest, TypeORM, network nor file system.',
      from: {
        path: ['\\.(decider|events)\\.ts$', '^src/pipelines/config/(?!pool/)'],
        pathNot: '\\.spec\\.ts$',
      },
      to: {
        path: [
          '^node_modules/(@nestjs|typeorm|pg|bullmq|ioredis|dockerode|socket\\.io)',
          '^(node:)?(fs|net|http|https|child_process|fs/promises|dns|tls|worker_threads)$',
        ],
      },
    },
    {
      name: 'start-stays-light',
      severity: 'error',
      comment:
        'Big packages that a start does not need are imported by these files only, which are themselves loaded by import() where they are needed.',
      from: {
        path: '^src/',
        pathNot:
          '(^src/app-core/api/rest-v2/document(ed)?|\\.(spec|testing)|^src/execution/agent/executors/docker/engine|^src/cli/demo/choose-executor)\\.ts$',
      },
      to: { path: '^node_modules/(@nestjs/swagger|dockerode)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'heavy-when-needed',
      severity: 'error',
      comment: 'These load big packages: import() them where they are needed.',
      from: {
        path: '^src/(boot|app-core|execution/(?!agent/executors/docker/)|frontend|cli/(main|commands))',
        pathNot: '\\.(spec|testing)\\.ts$',
      },
      to: {
        path: '^src/(app-core/api/rest-v2/document|execution/agent/executors/docker/index|pipelines/config/compile|boot/make-agent|boot/server)\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist|/fixtures/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
