// Where something stands in a source text.

/** What a node or a fault knows of its place. */
export interface Place {
  /** The text that it is in: the config's file name, or the reference of an orb. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  /** JSON pointer, e.g. `#/jobs/build`. */
  pointer?: string;
}

/** A place as results name it; `file` is the config's file name, or the reference of the orb that the text is in. */
export interface SourcePlace {
  file?: string;
  line: number;
  column: number;
}

/** Undefined when the place is not known: nobody wrote the node. */
export function sourcePlace(at: Place | undefined): SourcePlace | undefined {
  if (at?.line === undefined) return undefined;
  return { ...(at.file !== undefined && { file: at.file }), line: at.line, column: at.column ?? 1 };
}

/** `{ at }` when the place is known, for spreading. */
export function withPlace(at: Place | undefined): { at?: SourcePlace } {
  const place = sourcePlace(at);
  return place ? { at: place } : {};
}

/** One segment of a JSON pointer. */
export function pointerPart(name: string): string {
  // Most names have neither, and looking costs less than replacing.
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}
