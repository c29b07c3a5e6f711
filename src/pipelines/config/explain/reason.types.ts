// Why a workflow or a job does not run, as data: for every refusal the rule, where it is written, and the values it saw.
import type { JobOutcome } from '../plan/plan.types.js';
import type { SourcePlace } from '../problems/place.js';
import type { PlainValue } from '../yaml/node.js';

/** A condition, or a part of one, with what it came to. Parts that were not looked at are left out. */
export interface Evaluated {
  /** As it is written; a map in one line. */
  text: string;
  value: PlainValue;
  at?: SourcePlace;
  operands?: Evaluated[];
}

/** Stored in events: forms may be added, and fields that may be absent, but none is changed. */
export type NotRunReason =
  /** `when` is false, `unless` is true, or an expression in `filters` is false. */
  | { type: 'condition'; key: 'when' | 'unless' | 'filters'; condition: Evaluated; at?: SourcePlace }
  /**
   * The branch or tag (`value`) is not taken. Rule `only`: none of the patterns fits. `ignore`: one of them does.
   * `none`: it is a tag, and the job has no filter for tags (LANGUAGE C-297).
   */
  | {
      type: 'filter';
      filter: 'branches' | 'tags';
      rule: 'only' | 'ignore' | 'none';
      patterns: string[];
      value: string;
      at?: SourcePlace;
    }
  /** A required job is not in the workflow (`filtered`), or ended otherwise than is required. */
  | {
      type: 'requirement';
      job: string;
      statuses: JobOutcome[];
      status: string;
      at?: SourcePlace;
    }
  | { type: 'matrix_exclude'; values: Record<string, PlainValue>; at?: SourcePlace }
  /** The workflow runs on its own schedule only (C-313). */
  | { type: 'schedule'; at?: SourcePlace }
  /** No job of the workflow runs (C-301). */
  | { type: 'no_jobs'; at?: SourcePlace }
  /** No workflow uses the job. */
  | { type: 'unused'; at?: SourcePlace };

/** A workflow that is not made, or one job that is not in it. A job that no workflow uses has no `workflow`. */
export interface NotRun {
  workflow?: string;
  job?: string;
  reasons: NotRunReason[];
}
