// Jobs that no machine runs: no-op, release, lock and unlock (LANGUAGE C-216 to C-220).
import type { Place } from '../problems/fault.js';
import type { PlannedJob } from './plan.types.js';
import { recordOf, requiredText } from './values.js';

/** What the job is besides its place in the graph; undefined for one that steps run in. Throws a ConfigFault. */
export function planTyped(
  job: Record<string, unknown>,
  at: Place,
): Pick<PlannedJob, 'type' | 'serialGroup' | 'release'> | undefined {
  switch (job.type) {
    case 'no-op':
      return { type: 'no-op' };
    case 'lock':
    case 'unlock':
      return { type: job.type, serialGroup: requiredText(job, 'key', at) };
    case 'release': {
      const validation = recordOf(job.validation);
      return {
        type: 'release',
        release: {
          planName: requiredText(job, 'plan_name', at),
          ...(Object.keys(validation).length > 0 && { validation }),
        },
      };
    }
    default:
      return undefined;
  }
}
