// A fault in YAML text in SnakeYAML's words, which are the original's (LANGUAGE C-007).

/** Thrown inside the diagnosis only. Offsets are into the text. */
export class YamlSyntaxError extends Error {
  constructor(
    /** What was being read, and where it began; some faults have none. */
    readonly context: { text: string; at?: number } | undefined,
    readonly problem: string,
    readonly at: number,
  ) {
    super(problem);
  }
}
