// Understands what `git cat-file --batch` writes, and commit objects.

export interface GitObject {
  id: string;
  type: string;
  content: Buffer;
}

export interface CommitData {
  /** First paragraph of the message, on one line. */
  subject: string;
  /** The rest of the message. */
  body: string;
  authorName: string;
  authorEmail: string;
  /** ISO 8601, UTC. */
  committedAt: string;
}

/** The objects in the order asked for; `undefined` for one that is missing, `'ambiguous'` for a short id of several. */
export function parseBatch(output: Buffer): (GitObject | 'ambiguous' | undefined)[] {
  const objects: (GitObject | 'ambiguous' | undefined)[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(10, at);
    if (lineEnd < 0) break;
    const line = output.toString('utf8', at, lineEnd);
    at = lineEnd + 1;
    const [, id, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
    if (id === undefined) {
      objects.push(line.endsWith(' ambiguous') ? 'ambiguous' : undefined);
      continue;
    }
    objects.push({ id, type: type!, content: output.subarray(at, at + Number(size)) });
    at += Number(size) + 1;
  }
  return objects;
}

/** Reads a commit object, in whatever encoding it says it has. */
export function parseCommit(content: Buffer): CommitData {
  const split = content.indexOf('\n\n');
  const head = split < 0 ? content : content.subarray(0, split);
  const encoding = /^encoding (.+)$/m.exec(head.toString('latin1'))?.[1];
  const headers = decode(head, encoding).split('\n');
  const message = split < 0 ? '' : decode(content.subarray(split + 2), encoding).replace(/^\n+/, '');
  const header = (name: string) =>
    headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const author = /^(.*?) ?<(.*?)>/.exec(header('author'));
  const seconds = Number(/> (-?\d+) [+-]\d{4}$/.exec(header('committer'))?.[1] ?? 0);
  const paragraphEnd = /\n[ \t]*(?:\n|$)/.exec(message)?.index ?? message.length;
  return {
    subject: message.slice(0, paragraphEnd).split('\n').join(' ').trim(),
    body: message
      .slice(paragraphEnd)
      .replace(/^\s*\n/, '')
      .trimEnd(),
    authorName: author?.[1]?.trim() ?? '',
    authorEmail: author?.[2] ?? '',
    committedAt: new Date(Math.abs(seconds) < 8.64e12 ? seconds * 1000 : 0).toISOString(),
  };
}

function decode(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === undefined) return bytes.toString('utf8');
  try {
    return new TextDecoder(encoding.trim()).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
