// Configs of the sizes and shapes that real projects have, made here so that every run measures the same.
import type { OrbResolver } from '../../src/pipelines/config/index.js';

export interface SampleConfig {
  source: string;
  /** Orb documents by reference. */
  orbs: Record<string, string>;
}

/** About 1,500 lines of 2.1 with three orbs, as a repository with many packages has it. */
export function realSizeConfig(): SampleConfig {
  const names = Array.from({ length: 44 }, (_, i) => `package-${i}`);
  const source = [
    'version: 2.1',
    'orbs:',
    ...ORBS.map((name) => `  ${name}: bench/${name}@1.2.3`),
    'parameters:',
    ...lines(6, (i) => [`  flag-${i}:`, '    type: boolean', `    default: ${i % 2 === 0}`]),
    'defaults: &defaults',
    '  working_directory: ~/repo',
    '  environment:',
    ...lines(6, (i) => [`    VARIABLE_${i}: "value ${i}"`]),
    'executors:',
    ...lines(4, executor),
    'commands:',
    ...lines(12, command),
    'jobs:',
    ...names.flatMap(job),
    'workflows:',
    ...lines(3, (i) => workflow(i, names.slice(i * 14, i * 14 + 14))),
  ].join('\n');
  return {
    source: `${source}\n`,
    orbs: Object.fromEntries(ORBS.map((name) => [`bench/${name}@1.2.3`, orb(name)])),
  };
}

/** One job over a matrix of `count` combinations. */
export function matrixConfig(count: number): SampleConfig {
  const wide = Math.round(Math.sqrt(count));
  const axis = (length: number): string => Array.from({ length }, (_, i) => i).join(', ');
  const source = `version: 2.1
jobs:
  test:
    parameters:
      left: {type: integer}
      right: {type: integer}
    docker: [{image: "cimg/base:2024.01"}]
    environment: {LEFT: << parameters.left >>}
    steps:
      - checkout
      - restore_cache: {key: "v1-<< parameters.left >>-{{ checksum \\"lock\\" }}"}
      - run: {name: "Test << parameters.left >> with << parameters.right >>", command: make test}
workflows:
  main:
    jobs:
      - test:
          matrix:
            parameters: {left: [${axis(wide)}], right: [${axis(Math.ceil(count / wide))}]}
`;
  return { source, orbs: {} };
}

/** About ninety lines: what most projects have. */
export function typicalConfig(): SampleConfig {
  const source = [
    'version: 2.1',
    'executors:',
    ...executor(0),
    'commands:',
    ...command(0),
    'jobs:',
    ...['build', 'test', 'deploy'].flatMap(job),
    'workflows:',
    ...workflow(0, ['build', 'test', 'deploy']),
  ].join('\n');
  return { source: `${source}\n`.replaceAll('tools/', '').replace(/^.*bench\/.*\n/gm, ''), orbs: {} };
}

export function resolverOf({ orbs }: SampleConfig): OrbResolver {
  return {
    resolve: async (reference) => {
      const source = orbs[reference];
      return source === undefined ? undefined : { source, resolvedReference: reference };
    },
  };
}

const ORBS = ['tools', 'cloud', 'notify'];

function lines(count: number, make: (index: number) => string[]): string[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

function executor(i: number): string[] {
  return [
    `  executor-${i}:`,
    '    parameters:',
    '      tag: {type: string, default: "20.10"}',
    '    docker:',
    '      - image: cimg/node:<< parameters.tag >>',
    '        auth: {username: $DOCKER_USER, password: $DOCKER_PASSWORD}',
    '      - image: cimg/postgres:14.2',
    '        environment: {POSTGRES_USER: test, POSTGRES_DB: test}',
    '    resource_class: medium',
    `    environment: {EXECUTOR: "${i}", NODE_ENV: test}`,
  ];
}

function command(i: number): string[] {
  return [
    `  prepare-${i}:`,
    '    description: Gets everything that a package needs before it is built.',
    '    parameters:',
    '      package: {type: string}',
    '      cache: {type: boolean, default: true}',
    '      after: {type: steps, default: []}',
    '    steps:',
    '      - when:',
    '          condition: << parameters.cache >>',
    '          steps:',
    '            - restore_cache:',
    '                keys:',
    `                  - v${i}-<< parameters.package >>-{{ checksum "package-lock.json" }}`,
    `                  - v${i}-<< parameters.package >>-`,
    '      - run:',
    '          name: Install << parameters.package >>',
    '          command: |',
    '            cd packages/<< parameters.package >>',
    '            npm ci --prefer-offline',
    '            if [ -f prepare.sh ]; then',
    '              ./prepare.sh --package "<< parameters.package >>"',
    '            fi',
    '      - steps: << parameters.after >>',
    '      - save_cache:',
    `          key: v${i}-<< parameters.package >>-{{ checksum "package-lock.json" }}`,
    '          paths: [node_modules, ~/.npm]',
  ];
}

function job(name: string, i = 0): string[] {
  return [
    `  ${name}:`,
    '    <<: *defaults'.replace(
      '<<: *defaults',
      ORBS.length > 0 && name.startsWith('package') ? '<<: *defaults' : 'working_directory: ~/repo',
    ),
    '    parameters:',
    '      level: {type: integer, default: 1}',
    `    executor: {name: executor-${name.startsWith('package') ? i % 4 : 0}, tag: "18.17"}`,
    '    parallelism: << parameters.level >>',
    '    steps:',
    '      - checkout',
    `      - prepare-${name.startsWith('package') ? i % 12 : 0}:`,
    `          package: ${name}`,
    '          after:',
    `            - run: echo "prepared ${name}"`,
    '      - run:',
    `          name: Build ${name}`,
    '          command: |',
    `            npm run build --workspace ${name}`,
    `            npm run test --workspace ${name} -- --shard $CIRCLE_NODE_INDEX/$CIRCLE_NODE_TOTAL`,
    '          no_output_timeout: 20m',
    ...(name.startsWith('package') ? ['      - tools/report:', `          title: ${name}`] : []),
    '      - store_test_results: {path: reports}',
    '      - store_artifacts: {path: dist}',
  ];
}

function workflow(i: number, names: readonly string[]): string[] {
  return [
    `  workflow-${i}:`,
    ...(names[0]!.startsWith('package') ? [`    unless: << pipeline.parameters.flag-${i * 2 + 1} >>`] : []),
    '    jobs:',
    ...names.flatMap((name, index) => [
      `      - ${name}:`,
      ...(index > 0 ? [`          requires: [${index % 7 === 4 ? 'all-' : ''}${names[index - 1]}]`] : []),
      '          context: [shared, deploys]',
      '          filters: {branches: {ignore: [/dependabot.*/, gh-pages]}}',
      ...(index % 7 === 3 ? [`          matrix: {parameters: {level: [1, 2, 3]}, alias: all-${name}}`] : []),
    ]),
  ];
}

function orb(name: string): string {
  return `version: 2.1
description: Commands, jobs and executors of ${name}.
${[
  'executors:',
  ...lines(3, executor),
  'commands:',
  '  report:',
  '    parameters:',
  '      title: {type: string}',
  '      channel: {type: string, default: builds}',
  '      on-fail: {type: boolean, default: true}',
  '    steps:',
  '      - run:',
  '          name: Report << parameters.title >>',
  '          when: always',
  '          environment: {CHANNEL: << parameters.channel >>, ON_FAIL: << parameters.on-fail >>}',
  '          command: |',
  ...lines(20, (i) => [
    `            echo "line ${i} of a script that orbs carry along: $CHANNEL" >> report.txt`,
  ]),
  ...lines(10, command),
  'jobs:',
  ...lines(4, (i) =>
    job(`package-${i}`, i).filter(
      (line) => !line.includes('*defaults') && !line.includes('tools/') && !line.includes('title:'),
    ),
  ),
].join('\n')}
`;
}
