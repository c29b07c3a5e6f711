// `rotunda orb`: packing and checking orbs, and the registry of a server, on its own database.
import { Option, type Command } from 'commander';
import { boundsOfEnvironment } from '../size-bounds.js';
import { collect } from './project.js';

export function addOrbCommands(program: Command): void {
  const orb = program.command('orb').description('orbs, and the registry of a server');
  orb
    .command('pack')
    .description('print an orb of many files as one document')
    .argument('<directory>', 'the root of the orb, with @orb.yml')
    .action(async (directory: string) => {
      const { packOrb } = await import('../orb/pack-orb.js');
      // The official client ends with an empty line, too.
      process.stdout.write(`${await packOrb(directory)}\n`);
    });
  orb
    .command('validate')
    .description('check an orb as it is checked when it is published; exit 2 when it is wrong')
    .argument('<file>', 'the packed orb')
    .option('--orb <reference=file>', 'an orb that it imports; may be given again', collect, [])
    .action(validate);
  orb
    .command('import')
    .description(
      'put an orb document into the registry of the data directory or of DATABASE_URL, beside a running server or without one',
    )
    .argument('<file>', 'the packed orb')
    .requiredOption('--as <reference>', 'namespace/orb@1.2.3, or @dev:label')
    .action(importOrb);
  orb.command('list').description('print the orbs of the registry with their newest versions').action(list);
  orb
    .command('allow-url')
    .description('let the configs of an organization take URL orbs from below an address')
    .argument('<prefix>', 'https://…/')
    .requiredOption('--organization <slug>', 'vcs/organization, e.g. gh/acme')
    .option('--name <name>', 'what the entry is called; by default the prefix')
    .addOption(
      new Option('--auth <kind>', 'how the address is asked')
        .choices(['none', 'github-oauth', 'github-app', 'bitbucket-oauth'])
        .default('none'),
    )
    .action(allowUrl);
}

async function validate(file: string, { orb }: { orb: string[] }): Promise<void> {
  const { compileOrb, problemText } = await import('../../pipelines/config/index.js');
  const { LocalOrbs, readOrbFile } = await import('../orb/local-orbs.js');
  const bounds = boundsOfEnvironment();
  const orbs = await LocalOrbs.of(orb);
  try {
    const result = await compileOrb({ ...bounds, source: await readOrbFile(file), orbs });
    if (result.ok) process.stdout.write(`Orb at ${file} is valid.\n`);
    else {
      process.stderr.write(`${result.errors.map((problem) => problemText(problem, file)).join('\n')}\n`);
      process.exitCode = 2;
    }
  } finally {
    await orbs.close();
  }
}

async function importOrb(file: string, { as }: { as: string }): Promise<void> {
  const { readOrbFile } = await import('../orb/local-orbs.js');
  const { parseOrbReference } = await import('../../pipelines/config/orbs/reference.js');
  const reference = parseOrbReference(as);
  if (reference?.kind !== 'registry') throw new Error(`--as ${as}: write it as namespace/orb@1.2.3`);
  const source = await readOrbFile(file);
  const version = as.trim().slice(as.trim().indexOf('@') + 1);
  const { withRegistry } = await import('../orb/registry.js');
  await withRegistry(async ({ publishing, context, settle }) => {
    const outcome = await publishing.import(reference.name, version, source, context);
    await settle(outcome);
    process.stdout.write(
      `${reference.name}@${version}: ${'nothing' in outcome ? outcome.nothing : 'imported'}\n`,
    );
  });
}

async function list(): Promise<void> {
  const { withRegistry } = await import('../orb/registry.js');
  await withRegistry(async ({ database }) => {
    const rows: { name: string; version: string | null }[] = await database.query(`
      SELECT orb.name, newest.version FROM orb LEFT JOIN LATERAL (
        SELECT version FROM orb_version WHERE orb_id = orb.id
        ORDER BY major DESC NULLS LAST, minor DESC, patch DESC, version LIMIT 1
      ) newest ON true ORDER BY orb.name`);
    for (const { name, version } of rows) process.stdout.write(`${name}${version ? `@${version}` : ''}\n`);
  });
}

async function allowUrl(
  prefix: string,
  options: { organization: string; name?: string; auth: 'none' },
): Promise<void> {
  const { nameId, newId } = await import('../../platform/ids/ids.js');
  const { urlOrbPrefixDecider } = await import('../../pipelines/index.js');
  const { withRegistry } = await import('../orb/registry.js');
  const [vcs, organization, ...more] = options.organization.split('/');
  const short = ({ github: 'gh', bitbucket: 'bb' } as Record<string, string>)[vcs ?? ''] ?? vcs;
  if (!organization || more.length > 0)
    throw new Error(`--organization ${options.organization}: write it as vcs/organization`);
  const organizationId = nameId('organization', `${short}/${organization}`);
  await withRegistry(async ({ aggregates, context, settle }) => {
    const entry = { id: newId(), name: options.name ?? prefix, prefix, auth: options.auth };
    const command = { type: 'AllowUrlOrbPrefix', organizationId, ...entry } as const;
    const stream = `urlOrbPrefixes-${organizationId}`;
    await settle(await aggregates.execute(urlOrbPrefixDecider, stream, command, context));
    process.stdout.write(`${prefix}: allowed for ${short}/${organization}\n`);
  });
}
