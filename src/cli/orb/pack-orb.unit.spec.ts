// Packing an orb of many files into one.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileOrb, storedOrbs } from '../../pipelines/config/index.js';
import { packOrb } from './pack-orb.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pack-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function pack(files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return packOrb(directory);
}

const ORB = {
  '@orb.yml':
    'version: 2.1\ndescription: Tools\ndisplay:\n  source_url: https://example.com\n  home_url: https://example.com\n',
  'commands/greet.yml':
    'description: Greets\nparameters:\n  to: {type: string, default: you}\nsteps:\n  - run:\n      environment: {PARAM_TO: << parameters.to >>}\n      name: Greet\n      command: <<include(scripts/greet.sh)>>\n',
  'executors/default.yml': 'docker:\n  - image: cimg/base:current\n',
  'jobs/hello.yml': 'executor: default\nsteps:\n  - greet\n',
  'scripts/greet.sh': '#!/bin/sh\ncat <<EOF\nhello $PARAM_TO\nEOF\n',
  'examples/simple.yml':
    'description: One\nusage:\n  version: 2.1\n  orbs: {tool: acme/tool@1.0}\n  workflows: {w: {jobs: [tool/hello]}}\n  parameters: {dropped: {}}\n',
};

describe('packOrb', () => {
  test('the files of an orb, with their scripts, in one document that compiles', async () => {
    const packed = await pack(ORB);
    expect(packed).toBe(`version: 2.1
description: Tools
display:
    home_url: https://example.com
    source_url: https://example.com
commands:
    greet:
        description: Greets
        parameters:
            to:
                default: you
                type: string
        steps:
            - run:
                command: |
                    #!/bin/sh
                    cat \\<<EOF
                    hello $PARAM_TO
                    EOF
                environment:
                    PARAM_TO: << parameters.to >>
                name: Greet
executors:
    default:
        docker:
            - image: cimg/base:current
jobs:
    hello:
        executor: default
        steps:
            - greet
examples:
    simple:
        description: One
        usage:
            version: "2.1"
            orbs:
                tool: acme/tool@1.0
            workflows:
                w:
                    jobs:
                        - tool/hello
`);
    expect(await compileOrb({ source: packed, orbs: storedOrbs({}) })).toMatchObject({ ok: true });
  });

  test('files at the top are merged, files in folders too, with those marked by @ and what the top says', async () => {
    const packed = await pack({
      '@orb.yml':
        'version: 2.1\ncommands: {a: {steps: [checkout]}, b: {steps: [checkout]}}\nother: dropped\n',
      'more.yaml': 'orbs: {base: acme/base@1.0.0}\n',
      'commands/@shared.yml': 'c: {steps: [checkout]}\n',
      'commands/b.yml': 'steps: [{run: b}]\n',
      'commands/deep/d.yml': 'steps: [checkout]\n',
      'commands/.hidden.yml': 'steps: [checkout]\n',
      'commands/notes.txt': 'not read',
      '.git/jobs/x.yml': 'steps: [checkout]\n',
      'tests/jobs/x.yml': 'steps: [checkout]\n',
    });
    expect(packed).toBe(`version: 2.1
orbs:
    base: acme/base@1.0.0
commands:
    a:
        steps:
            - checkout
    b:
        steps:
            - run: b
    c:
        steps:
            - checkout
`);
  });

  test('an include may have spaces, and must be a whole value', async () => {
    const command = (text: string) => `steps:\n  - run:\n      command: ${JSON.stringify(text)}\n`;
    const files = { '@orb.yml': 'version: 2.1\n', 'a.sh': 'echo a' };
    expect(await pack({ ...files, 'commands/x.yml': command('<< include(a.sh) >>') })).toContain(
      'command: echo a\n',
    );
    await expect(pack({ 'commands/x.yml': command('sh <<include(a.sh)>>') })).rejects.toThrow(
      "An unexpected error occurred: entire string must be include statement: 'sh <<include(a.sh)>>'",
    );
    await expect(pack({ 'commands/x.yml': command('<<include(a.sh)>> <<include(a.sh)>>') })).rejects.toThrow(
      "multiple include statements: '<<include(a.sh)>> <<include(a.sh)>>'",
    );
    await expect(pack({ 'commands/x.yml': command('<<include(none.sh)>>') })).rejects.toThrow(
      `could not open ${join(directory, 'none.sh')} for inclusion`,
    );
  });

  test('what is not the root of an orb, or no map, is refused', async () => {
    await expect(pack({ 'orb.yml': 'version: 2.1\n' })).rejects.toThrow(
      '@orb.yml file not found, are you sure this is the Orb root?',
    );
    await expect(pack({ '@orb.yml': 'version: 2.1\n', 'jobs/list.yml': '- a\n' })).rejects.toThrow(
      `expected a map, got a \`[]interface {}\` which is not supported at this time for "${join(directory, 'jobs', 'list.yml')}"`,
    );
    await expect(pack({ 'jobs/list.yml': 'a: [\n' })).rejects.toThrow('An unexpected error occurred');
  });

  test('words that YAML 1.1 reads as something else stay words', async () => {
    const packed = await pack({
      '@orb.yml': 'version: 2.1\n',
      'commands/x.yml':
        'parameters: {a: {type: string, default: yes}, b: {type: integer, default: 7}}\nsteps: [checkout]\n',
    });
    expect(packed).toContain('default: "yes"');
    expect(packed).toContain('default: 7');
  });
});
