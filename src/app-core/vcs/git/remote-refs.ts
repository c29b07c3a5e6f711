// Finds what a branch, a tag or HEAD points to at the source itself: from files for a local one, else by ls-remote.
import { NotFoundError } from '../../../platform/errors/errors.js';
import type { GitRunner } from './git-runner.js';
import type { GitSource } from './git-source.js';
import { LocalRefs } from './local-refs.js';

export interface Located {
  /** A commit, or an annotated tag that leads to one. */
  id: string;
  branch?: string;
  tag?: string;
}

/** Names and ids of refs, and the branch of HEAD. */
interface RefReader {
  resolve(name: string): Promise<string | undefined>;
  head(): Promise<{ branch?: string; revision?: string }>;
}

/** Where the ref is now. With neither branch nor tag: the default branch. Names must have been checked. */
export async function locate(
  git: GitRunner,
  source: GitSource,
  ref: { branch?: string; tag?: string },
): Promise<Located> {
  const refs = await readerOf(git, source, ref);
  if (ref.tag !== undefined) {
    const id = await refs.resolve(`refs/tags/${ref.tag}`);
    if (id !== undefined) return { id, tag: ref.tag };
    throw await missing(git, source, 'GIT.TAG_NOT_FOUND', `has no tag "${ref.tag}"`);
  }
  const branch = ref.branch ?? (await defaultOf(git, source, refs));
  const id = await refs.resolve(`refs/heads/${branch}`);
  if (id !== undefined) return { id, branch };
  throw await missing(git, source, 'GIT.BRANCH_NOT_FOUND', `has no branch "${branch}"`);
}

/** The branch that HEAD of the source is on. */
export async function locateDefaultBranch(git: GitRunner, source: GitSource): Promise<string> {
  const refs = await readerOf(git, source, {});
  const branch = await defaultOf(git, source, refs);
  if ((await refs.resolve(`refs/heads/${branch}`)) !== undefined) return branch;
  throw await missing(
    git,
    source,
    'GIT.DEFAULT_BRANCH_NOT_FOUND',
    `has no branch "${branch}", on which its HEAD is`,
  );
}

async function defaultOf(git: GitRunner, source: GitSource, refs: RefReader): Promise<string> {
  const { branch, revision } = await refs.head();
  if (branch !== undefined) return branch;
  // HEAD is on no branch, as in a working copy at a tag: then a usual name, if it exists.
  for (const name of revision === undefined ? [] : ['main', 'master']) {
    if ((await refs.resolve(`refs/heads/${name}`)) !== undefined) return name;
  }
  throw await missing(git, source, 'GIT.DEFAULT_BRANCH_NOT_FOUND', 'has no default branch');
}

async function readerOf(
  git: GitRunner,
  source: GitSource,
  ref: { branch?: string; tag?: string },
): Promise<RefReader> {
  const local = source.localPath === undefined ? 'other' : await LocalRefs.open(source.localPath);
  if (local === undefined) {
    const message = `Repository "${source.label}": there is no git repository at this address.`;
    throw new NotFoundError('GIT.NOT_A_REPOSITORY', message);
  }
  if (local !== 'other') return local;
  if (ref.tag !== undefined) return listed(git, source, [`refs/tags/${ref.tag}`]);
  if (ref.branch !== undefined) return listed(git, source, [`refs/heads/${ref.branch}`]);
  return listed(git, source, ['HEAD', 'refs/heads/*']);
}

async function listed(git: GitRunner, source: GitSource, patterns: string[]): Promise<RefReader> {
  const ids = new Map<string, string>();
  let branch: string | undefined;
  for (const line of await listRemote(git, source, patterns)) {
    const [value, name] = line.split('\t');
    const target = /^ref: refs\/heads\/(.+)$/.exec(value!)?.[1];
    if (name === 'HEAD' && target !== undefined) branch = target;
    else if (name !== undefined) ids.set(name, value!);
  }
  return {
    resolve: async (name) => ids.get(name),
    head: async () => ({ branch, revision: ids.get('HEAD') }),
  };
}

async function listRemote(git: GitRunner, source: GitSource, patterns: string[]): Promise<string[]> {
  const args = ['ls-remote', '--quiet', '--symref', '--', source.url, ...patterns];
  const output = await git.run(args, { source, kind: 'work' });
  return output.toString('utf8').split('\n').filter(Boolean);
}

/** Something is missing: because the repository has nothing at all, or just that? */
async function missing(
  git: GitRunner,
  source: GitSource,
  code: string,
  what: string,
): Promise<NotFoundError> {
  if ((await listRemote(git, source, [])).length > 0) {
    return new NotFoundError(code, `Repository "${source.label}" ${what}.`);
  }
  return new NotFoundError(
    'GIT.EMPTY_REPOSITORY',
    `Repository "${source.label}" is empty: it has no commits.`,
  );
}
