// Files that two jobs persisted of which neither requires the other: which of them counts nobody could say, so attaching
// such a workspace fails (LANGUAGE C-277). They are found while the layers are applied, in one pass over their names.
import { posix } from 'node:path';
import type { WorkspaceLayer } from '../../protocol/index.js';

/** Most paths that the message names. */
const MAX_NAMED = 100;

export class WorkspaceConflicts {
  /** The last layer that has each file. */
  private readonly layerOf = new Map<string, string>();
  private readonly found = new Map<string, Set<string>>();
  private readonly wanted: boolean;

  /** @param layers all that are applied, in their order */
  constructor(layers: readonly WorkspaceLayer[]) {
    // Jobs in one line cannot conflict: then nothing is kept.
    this.wanted = layers.some(({ concurrentWith }) => concurrentWith.length > 0);
  }

  /**
   * Gives what is to be told each file of the layer. May be called again for a layer whose download broke off.
   *
   * That the last layer with a file is compared is enough: one that this layer comes after, but not the one before it,
   * does not exist.
   */
  begin({ id, concurrentWith }: WorkspaceLayer): (file: string) => void {
    if (!this.wanted) return () => undefined;
    const found = new Set<string>();
    this.found.set(id, found);
    return (file) => {
      const path = posix.normalize(file);
      const before = this.layerOf.get(path);
      if (before !== undefined && concurrentWith.includes(before)) found.add(path);
      // A conflict stays one when this layer is applied again.
      else this.layerOf.set(path, id);
    };
  }

  /** What the step fails with, if it does. */
  text(): string | undefined {
    const paths = [...new Set([...this.found.values()].flatMap((each) => [...each]))].sort();
    if (paths.length === 0) return undefined;
    const lines = paths.slice(0, MAX_NAMED).map((path) => `  - ${path}`);
    if (paths.length > MAX_NAMED) lines.push(`  ... and ${paths.length - MAX_NAMED} more`);
    return `Concurrent upstream jobs persisted the same file(s) into the workspace:\n${lines.join('\n')}`;
  }
}
