// Packs an orb that is written in many files into one document, as `circleci orb pack` of the official client does: the
// same files, the same merging, the same includes, the same order of keys (LANGUAGE C-135).
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { printYaml } from './print-yaml.js';

type Tree = { [key: string]: unknown };

/** Folders that are looked into, wherever they are; all others are passed over. */
const FOLDERS = new Set(['executors', 'jobs', 'commands', 'examples']);
const YAML_FILE = /.+\.(?:yml|yaml)$/;
/** Merged into what its folder makes, instead of standing in it under its own name. */
const MERGED_FILE = /^@.*\.(?:yml|yaml)$/;
const INCLUDE = /<<\s*include\(([-\w/.]+)\)?\s*>>/g;

/** The packed document. Throws in the words of the official client. */
export async function packOrb(directory: string): Promise<string> {
  const root = resolve(directory);
  if (!(await isFile(join(root, '@orb.yml')))) {
    throw new Error('@orb.yml file not found, are you sure this is the Orb root?');
  }
  try {
    const tree = await readFolder(root, true);
    const included = await Promise.all(
      ['commands', 'executors', 'jobs'].map(
        async (key) => [key, await withIncludes(tree[key], root)] as const,
      ),
    );
    return print({ ...tree, ...Object.fromEntries(included) });
  } catch (error) {
    throw new Error(`An unexpected error occurred: ${(error as Error).message}`, { cause: error });
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** Files at the top are merged into one; below, each stands under its name without its ending. Later names win. */
async function readFolder(folder: string, isRoot: boolean): Promise<Tree> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  let tree: Tree = {};
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!FOLDERS.has(entry.name)) continue;
      tree[entry.name] = { ...mapOf(tree[entry.name]), ...(await readFolder(path, false)) };
    } else if (entry.isFile() && YAML_FILE.test(entry.name) && !/^\../.test(entry.name)) {
      const content = await readMap(path);
      const name = basename(entry.name, extname(entry.name));
      if (isRoot) tree = { ...tree, ...content };
      else if (MERGED_FILE.test(entry.name)) tree = { ...tree, ...mapOf(tree[basename(folder)]), ...content };
      else tree[name] = { ...mapOf(tree[name]), ...content };
    }
  }
  return tree;
}

function mapOf(value: unknown): Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Tree) : {};
}

async function readMap(path: string): Promise<Tree> {
  const content: unknown = parse(await readFile(path, 'utf8'), { merge: true, version: '1.2' });
  if (content === null || content === undefined) return {};
  if (typeof content === 'object' && !Array.isArray(content)) return content as Tree;
  const type = Array.isArray(content) ? '[]interface {}' : typeof content;
  throw new Error(`expected a map, got a \`${type}\` which is not supported at this time for "${path}"`);
}

async function withIncludes(value: unknown, root: string): Promise<unknown> {
  if (typeof value === 'string') return include(value, root);
  if (Array.isArray(value)) return Promise.all(value.map((item) => withIncludes(item, root)));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(
    async ([key, item]) => [await include(key, root), await withIncludes(item, root)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The file's text, with `<<` escaped, in place of a string that is one include and nothing else. */
async function include(text: string, root: string): Promise<string> {
  const matches = [...text.matchAll(INCLUDE)];
  const [match] = matches;
  if (!match) return text;
  if (matches.length > 1) throw new Error(`multiple include statements: '${text}'`);
  if (match[0] !== text) throw new Error(`entire string must be include statement: '${text}'`);
  const path = join(root, match[1] ?? '');
  const content = await readFile(path, 'utf8').catch(() => {
    throw new Error(`could not open ${path} for inclusion`);
  });
  return content.replaceAll('<<', '\\<<');
}

const SECTIONS = ['orbs', 'commands', 'executors', 'jobs'] as const;

/** The keys that orbs have, in the client's order; it drops all others. */
function print(tree: Tree): string {
  const packed: Tree = {};
  if (tree['version'] !== undefined) packed['version'] = Number(tree['version']);
  if (typeof tree['description'] === 'string' && tree['description'] !== '')
    packed['description'] = tree['description'];
  if (tree['display'] !== undefined) packed['display'] = sorted(tree['display']);
  for (const key of SECTIONS) if (tree[key] !== undefined) packed[key] = sorted(tree[key]);
  const examples = Object.entries(mapOf(tree['examples'])).sort(byKey);
  if (examples.length > 0) {
    packed['examples'] = Object.fromEntries(
      examples.map(([name, value]) => [name, exampleOf(mapOf(value))] as const),
    );
  }
  return printYaml(packed);
}

/** An example keeps only what the client knows of it. */
function exampleOf({ description, usage, result }: Tree): Tree {
  return {
    ...(typeof description === 'string' && description !== '' && { description }),
    ...(usage !== undefined && { usage: configOf(mapOf(usage)) }),
    ...(result !== undefined && { result: configOf(mapOf(result)) }),
  };
}

function configOf({ version, setup, orbs, jobs, workflows }: Tree): Tree {
  return {
    ...(version !== undefined && { version: String(version) }),
    ...(setup === true && { setup }),
    ...(orbs !== undefined && { orbs: sorted(orbs) }),
    ...(jobs !== undefined && { jobs: sorted(jobs) }),
    workflows: sorted(workflows ?? null),
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byKey)
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
