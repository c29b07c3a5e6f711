// `rotunda project`: points a server at repositories.
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { accessFrom, ApiClient } from '../client.js';

export function addProjectCommands(program: Command): void {
  const project = program.command('project').description('the projects of a server');
  project
    .command('add')
    .description('make a project of a repository')
    .argument('<repository>', 'Git URL, or a path on the server')
    .option('--slug <slug>', 'vcs/organization/name; by default git/local/NAME')
    .option('--server <url>', 'the server (ROTUNDA_URL)')
    .option('--token <token>', 'an API token (ROTUNDA_TOKEN)')
    .action(addProject);
  project
    .command('trigger')
    .description('start a pipeline')
    .argument('<slug>', 'vcs/organization/name')
    .option('--branch <name>', 'branch to build; the default branch otherwise')
    .option('--tag <name>', 'tag to build')
    .option('--param <name=value>', 'a pipeline parameter; may be given again', collect, [])
    .option('--server <url>', 'the server (ROTUNDA_URL)')
    .option('--token <token>', 'an API token (ROTUNDA_TOKEN)')
    .action(trigger);
}

async function addProject(
  repository: string,
  options: { slug?: string; server?: string; token?: string },
): Promise<void> {
  const isPath = (await stat(repository).catch(() => undefined))?.isDirectory() === true;
  const vcsUrl = isPath ? resolve(repository) : repository;
  const slug = options.slug ?? `git/local/${basename(vcsUrl).replace(/\.git$/, '')}`;
  const [vcs = '', organization = '', name = ''] = slug.split('/');
  const client = new ApiClient(accessFrom(options));
  const made = await client.post<{ slug: string; id: string }>(
    `/api/v2/organization/${encodeURIComponent(vcs)}/${encodeURIComponent(organization)}/project`,
    { name, vcs_url: vcsUrl },
  );
  process.stdout.write(`${made.slug}\n`);
}

async function trigger(
  slug: string,
  options: { branch?: string; tag?: string; param?: string[]; server?: string; token?: string },
): Promise<void> {
  const client = new ApiClient(accessFrom(options));
  const { branch, tag } = options;
  const pipeline = await client.post<{ id: string; number: number }>(`/api/v2/project/${slug}/pipeline`, {
    branch,
    tag,
    parameters: parameters(options.param ?? []),
  });
  process.stdout.write(`pipeline ${pipeline.number} (${pipeline.id})\n`);
}

/** Gathers an option that is given several times; a list after one option would take the argument behind it too. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** `k=v` pairs; `true`, `false` and whole numbers become such, as the declared types of parameters want them. */
export function parameters(pairs: readonly string[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0) throw new Error(`--param ${pair}: write it as name=value`);
      const value = pair.slice(at + 1);
      if (value === 'true' || value === 'false') return [pair.slice(0, at), value === 'true'];
      return [pair.slice(0, at), /^-?(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value];
    }),
  );
}
