// Workflows that run by the clock: what the config says of them (LANGUAGE C-313 to C-315).
import type { CompiledDocument } from '../config.types.js';
import { cronProblem } from './cron.js';
import type { PlannedSchedule } from './plan.types.js';
import { listOf, recordOf, textOf } from './values.js';

/** With `triggers` it never runs for a push. */
export function isScheduled(workflow: Record<string, unknown>): boolean {
  return workflow.triggers !== undefined && workflow.triggers !== null;
}

/** One for each schedule of each workflow, in the order of the config. */
export function planSchedules(document: CompiledDocument): PlannedSchedule[] {
  return Object.entries(document.workflows).flatMap(([workflow, body]) =>
    listOf(recordOf(body).triggers).flatMap((trigger) => {
      const { schedule } = recordOf(trigger);
      if (schedule === undefined) return [];
      const { cron, filters } = recordOf(schedule);
      const expression = textOf(cron) ?? '';
      const problem = cronProblem(expression);
      const branches = branchesOf(recordOf(recordOf(filters).branches));
      return [{ workflow, cron: expression, branches, ...(problem !== undefined && { problem }) }];
    }),
  );
}

/** `only` wins outright where there are both. */
function branchesOf({ only, ignore }: Record<string, unknown>): PlannedSchedule['branches'] {
  if (only !== undefined && only !== null) return { only: names(only) };
  return ignore === undefined || ignore === null ? {} : { ignore: names(ignore) };
}

function names(value: unknown): string[] {
  return listOf(value)
    .flat(3)
    .map((item) => textOf(item) ?? JSON.stringify(item));
}
