// What may be named as a repository, a branch, a tag, a revision or a path, and how a repository is named in errors.
import { createHash } from 'node:crypto';
import { isAbsolute, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { InvalidInputError } from '../../../platform/errors/errors.js';

export interface GitSource {
  /** As git gets it; may hold a password. */
  url: string;
  /** For repositories on this machine. */
  localPath?: string;
  /** For people: no user name, password or query. */
  label: string;
  /** Directory name of the mirror: a function of the URL. */
  mirrorName: string;
}

// Schemes by which git runs no helper program but its own.
const URL_FORM = /^(https?|ssh|git|file):\/\/(.+)$/i;
// [user@]host:path, as of ssh.
const SCP_FORM = /^(?:[\w.+-]+@)?(?:\[[\da-f:.]+\]|\w[\w.-]*):(?!:|\/\/).+$/i;
const CONTROL = /\p{Cc}/u;

/**
 * Checks the address of a repository: https, http, ssh, git and file URLs, `user@host:path`, absolute paths. All else,
 * above all git's `helper::address` forms (which run programs), is refused.
 * @throws InvalidInputError `GIT.URL_INVALID`
 */
export function gitSource(url: string): GitSource {
  const refuse = (why: string): never => {
    throw new InvalidInputError('GIT.URL_INVALID', `Repository "${redact(url)}": ${why}.`);
  };
  if (url === '' || url.length > 2048) refuse('the address is empty or longer than 2048 characters');
  if (CONTROL.test(url)) refuse('the address has a control character');
  const mirrorName = createHash('sha256').update(url).digest('hex').slice(0, 40);
  const source = { url, label: redact(url), mirrorName };
  // Before all other forms: with a slash first, git sees a path whatever follows.
  if (isAbsolute(url)) return { ...source, localPath: normalize(url) };
  const [, scheme, rest] = URL_FORM.exec(url) ?? [];
  if (scheme?.toLowerCase() === 'file') {
    try {
      return { ...source, localPath: fileURLToPath(url) };
    } catch {
      refuse('a file URL must hold an absolute path and no host');
    }
  }
  if (rest !== undefined) {
    const host = rest.slice(rest.split('/')[0]!.lastIndexOf('@') + 1);
    if (/^[-/:]/.test(host)) refuse('the address has no host');
    return source;
  }
  // The host begins with a letter or digit, so ssh cannot take it for an option.
  if (SCP_FORM.test(url) && !url.startsWith('-')) return source;
  return refuse('expected an https, http, ssh, git or file URL, user@host:path or an absolute path');
}

/** A text without the user names, passwords and queries of the URLs in it. */
export function redact(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1***@')
    .replace(/(https?:\/\/[^\s'"?]*)\?[^\s'"]*/gi, '$1?***');
}

/**
 * Checks a branch or tag name by git's rules (git-check-ref-format), so that it can stand in a file path and a refspec.
 * @throws InvalidInputError `GIT.REF_INVALID`
 */
export function checkRefName(kind: 'branch' | 'tag', name: string): string {
  const bad =
    name === '' ||
    name.length > 244 ||
    /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|\.lock$|(^|\/)\.|\.lock\//u.test(name) ||
    name === '@';
  if (bad)
    throw new InvalidInputError('GIT.REF_INVALID', `"${name.slice(0, 250)}" is not a valid ${kind} name.`);
  return name;
}

/**
 * Checks a commit id: 7 to 64 hexadecimal digits; gives it in lower case.
 * @throws InvalidInputError `GIT.REVISION_INVALID`
 */
export function checkRevision(revision: string): string {
  if (/^[0-9a-f]{7,64}$/i.test(revision)) return revision.toLowerCase();
  throw new InvalidInputError(
    'GIT.REVISION_INVALID',
    `"${revision.slice(0, 100)}" is not a commit id: expected 7 to 64 hexadecimal digits.`,
  );
}

/** True for a whole commit id, SHA-1 or SHA-256. */
export function isFullRevision(revision: string): boolean {
  return revision.length === 40 || revision.length === 64;
}

/**
 * Checks a path in a repository: relative, with slashes, no `.` or `..` segments.
 * @throws InvalidInputError `GIT.PATH_INVALID`
 */
export function checkRepositoryPath(path: string): string {
  const segments = path.split('/');
  const bad = CONTROL.test(path) || segments.some((segment) => ['', '.', '..'].includes(segment));
  if (bad)
    throw new InvalidInputError('GIT.PATH_INVALID', `"${path.slice(0, 250)}" is not a path in a repository.`);
  return path;
}
