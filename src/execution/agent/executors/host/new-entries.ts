// Sees what is moved into a directory of this machine.
import { readdirSync, watch, type FSWatcher } from 'node:fs';

/** How often is looked where the system gives no word of changes, in ms. */
const LOOK_MS = 100;

export class NewEntries {
  private readonly watcher: FSWatcher | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private known = new Set<string>();

  /** Tells of each entry once, hidden ones aside, those that are there already as well. */
  constructor(
    private readonly directory: string,
    private readonly onEntry: (name: string) => void,
  ) {
    try {
      this.watcher = watch(directory, { persistent: false }, () => this.look());
      this.watcher.on('error', () => undefined);
    } catch {
      // The system's watches may all be in use.
      this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    }
    this.look();
  }

  close(): void {
    this.watcher?.close();
    clearInterval(this.timer);
  }

  private look(): void {
    let names: string[];
    try {
      names = readdirSync(this.directory).filter((name) => !name.startsWith('.'));
    } catch {
      return;
    }
    const fresh = names.filter((name) => !this.known.has(name));
    this.known = new Set(names);
    for (const name of fresh) this.onEntry(name);
  }
}
