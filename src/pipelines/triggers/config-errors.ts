// The errors of a config in the words and the form of the API.
import type { ConfigProblem } from '../config/index.js';
import type { CommitFacts, PipelineErrored } from './pipeline.events.js';

export const CONFIG_PATH = '.circleci/config.yml';
/** What the config that continues a pipeline is called: it has no path. */
export const CONTINUATION = 'continuation configuration';

export type ConfigOrigin = typeof CONFIG_PATH | typeof CONTINUATION;

/** The API has no place for line and column: they go into the text. */
export function asErrors(
  type: 'config' | 'plan',
  problems: readonly ConfigProblem[],
  origin: ConfigOrigin,
): PipelineErrored['data']['errors'] {
  return problems.map(({ message, hint, file = origin, line, column }) => {
    const place =
      line === undefined ? '' : ` (${file}, line ${line}${column === undefined ? '' : `, column ${column}`})`;
    return { type, message: `${message}${place}${hint === undefined ? '' : `\n${hint}`}` };
  });
}

/** LANGUAGE C-002. */
export function missingConfig(projectSlug: string, { branch, tag, revision }: CommitFacts): string {
  const where = branch ? `branch ${branch}` : tag ? `tag ${tag}` : `revision ${revision}`;
  return `config file ${CONFIG_PATH} could not be located on ${where} in repository ${projectSlug}`;
}
