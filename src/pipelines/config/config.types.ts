// The compiler's interface (DESIGN D8): text, parameters, pipeline values and an orb resolver in; a compiled document
// or a list of errors out. The package is pure: no Nest, no database, no network, no file system, no clock.

import type { NotRun } from './explain/reason.types.js';
import type { SourcePlace } from './problems/place.js';

export type ParameterValue = string | number | boolean;

/** `pipeline.*` values by their whole dotted name without `pipeline.`, e.g. `git.branch` (LANGUAGE C-045 to C-112). */
export type PipelineValues = Readonly<Record<string, string | number | boolean | null>>;

export interface FoundOrb {
  source: string;
  /** The reference with its whole version, e.g. `acme/tool@1.2.3` for `acme/tool@1`; a URL stays as it is. */
  resolvedReference: string;
  /** What the orb's own references meant when it was published; they mean it for ever (LANGUAGE C-124). */
  dependencies?: Readonly<Record<string, string>>;
}

/**
 * Finds the text of an orb by a registry reference or an https URL. Asynchronous, since a registry answers over the
 * network; undefined when there is none. What it throws ends the compilation with that message.
 */
export interface OrbResolver {
  resolve(reference: string): Promise<FoundOrb | undefined>;
}

/** Bounds against hostile input; defaults stand in problems/limits.ts. The last four are the language's own, not settings. */
export interface CompileLimits {
  /** UTF-16 code units of one source text (config or orb). */
  sourceLength: number;
  /** Nodes after aliases and merge keys are expanded: the guard against "billion laughs". */
  nodes: number;
  /** How deep lists and maps of a source may stand in each other. */
  depth: number;
  /** Nodes made by evaluating templates and calls, over the whole compilation. */
  evaluatedNodes: number;
  /** Characters made by substitution, over the whole compilation. */
  evaluatedCharacters: number;
  /** Steps after expansion, over all jobs. */
  steps: number;
  /** Job invocations over all workflows, matrix expansions included. */
  jobs: number;
  /** Characters of all jobs as JSON, once per invocation: what is compiled must be stored and sent. */
  compiledLength: number;
  /** Orbs, with the orbs that they import. */
  orbs: number;
  /** URL orbs among them, and how deep they may import each other (LANGUAGE C-134). */
  urlOrbs: number;
  urlOrbDepth: number;
  /** Nesting of logic statements (LANGUAGE C-184) and of expressions. */
  logicDepth: number;
  /** Commands that call commands. */
  callDepth: number;
}

/** How large what is compiled may be, and what those limits are called where they are set. */
export interface SizeBounds {
  /** The defaults are far above what real configs need. */
  limits?: Partial<CompileLimits>;
  /** For messages, e.g. the environment variable. */
  limitNames?: Partial<Record<keyof CompileLimits, string>>;
}

export interface CompileInput extends SizeBounds {
  source: string;
  /** Given at trigger time; checked against the config's `parameters`. */
  parameters: Readonly<Record<string, ParameterValue>>;
  values: PipelineValues;
  orbs: OrbResolver;
  /** Where the text came from, for messages, e.g. `.circleci/config.yml`. */
  fileName?: string;
}

export interface ConfigProblem {
  /** What the user reads, in the words of the field; may have several lines. */
  message: string;
  /** A line of help that the original does not have, e.g. which name may have been meant. */
  hint?: string;
  /** The text that the place is in: the config's `fileName`, where it was given, or an orb such as `circleci/node@5.1.0`. */
  file?: string;
  /** 1-based place in the source, where it is known. */
  line?: number;
  column?: number;
  /** JSON pointer into the source, e.g. `#/jobs/build/steps/0`. */
  pointer?: string;
  /** The way to the place: which workflow, which of its jobs, which commands; outermost first. */
  calls?: ConfigCall[];
}

/** One level of a call chain, with the place of the call. */
export interface ConfigCall extends Partial<SourcePlace> {
  kind: 'workflow' | 'job' | 'command';
  name: string;
}

/** The version-2 style document that the original compiler prints (C-018, C-389 to C-403), as plain data. */
export interface CompiledDocument {
  version: 2;
  setup?: boolean;
  jobs: Record<string, Record<string, unknown>>;
  workflows: Record<string, unknown>;
}

export type CompileResult =
  | {
      ok: true;
      document: CompiledDocument;
      yaml: string;
      warnings: ConfigProblem[];
      /** What the compiler itself leaves out and why; plan() adds what filters leave out. */
      notRun: NotRun[];
    }
  | { ok: false; errors: ConfigProblem[] };
