// The scripts that look around in a job, in a shell that finds no more programs than an image has for sure.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FILE_SIZES, LIST_BELOW } from './script.js';

let directory: string;
let few: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-script-'));
  few = join(directory, 'few');
  for (const path of ['few', 'tree/a/b', 'tree/.h', 'tree/empty']) {
    await mkdir(join(directory, path), { recursive: true });
  }
  for (const [path, text] of Object.entries({ 'a/b/x': '1', '.h/y': '22', 'with blank': '333', '..z': '' })) {
    await writeFile(join(directory, 'tree', path), text);
  }
  await symlink('a', join(directory, 'tree/link'));
  await symlink('nowhere', join(directory, 'tree/dangling'));
  await symlink('..', join(directory, 'tree/a/loop'));
  for (const program of ['wc', 'tr']) await symlink(`/usr/bin/${program}`, join(few, program));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function output(script: string, args: string[], path: string): Promise<string[]> {
  const run = promisify(execFile);
  const options = { env: { PATH: path }, cwd: join(directory, 'tree'), timeout: 30_000 };
  return (await run('/bin/sh', ['-c', script, 'sh', ...args], options)).stdout
    .split(/[\0\n]/)
    .filter(Boolean)
    .sort();
}

describe.each(['usual', 'few'])('with the %s programs', (programs) => {
  const path = () => (programs === 'few' ? few : process.env['PATH']!);

  it('lists what is below a directory, hidden names and links that lead nowhere too', async () => {
    const found = await output(LIST_BELOW, ['.'], path());
    const names = [
      './..z',
      './.h',
      './.h/y',
      './a',
      './a/b',
      './a/b/x',
      './dangling',
      './empty',
      './link',
      './with blank',
    ];
    expect(found).toEqual(expect.arrayContaining(names));
    // A directory that contains itself is not gone into for ever.
    expect(found.filter((name) => name.includes('loop/a/loop'))).toEqual([]);
  });

  it('lists as deep as it is asked to, and nothing where there is nothing', async () => {
    expect(await output(LIST_BELOW, ['a', '1'], path())).toEqual(expect.arrayContaining(['./b']));
    expect(await output(LIST_BELOW, ['a', '1'], path())).not.toContain('./b/x');
    expect(await output(LIST_BELOW, ['a', '2'], path())).toContain('./b/x');
    expect(await output(LIST_BELOW, ['none'], path())).toEqual([]);
    expect(await output(LIST_BELOW, ['empty'], path())).toEqual([]);
  });

  it('tells the sizes of files', async () => {
    const names = join(directory, 'names');
    await writeFile(names, 'a/b/x\0with blank\0none\0');
    expect(await output(FILE_SIZES, [names], path())).toEqual(['1 a/b/x', '3 with blank']);
  });
});
