// The categories that orbs may be put into: those of the public registry.
import { ConflictError, InvalidInputError } from '../../platform/errors/errors.js';

export const ORB_CATEGORIES: readonly string[] = [
  'Artifacts/Registry',
  'Build',
  'Cloud Platform',
  'Code Analysis',
  'Collaboration',
  'Containers',
  'Deployment',
  'Infra Automation',
  'Kubernetes',
  'Language/Framework',
  'Monitoring',
  'Notifications',
  'Reporting',
  'Security',
  'Testing',
];

const MOST = 2;

/** Throws for a category that there is not, one given twice, and more than two, in the original's words. */
export function checkCategories(wanted: readonly string[], present: readonly string[]): void {
  const unknown = wanted.find((name) => !ORB_CATEGORIES.includes(name));
  if (unknown !== undefined)
    throw new InvalidInputError('ORB.CATEGORY', `category ${unknown} does not exist`);
  if (new Set(wanted).size < wanted.length)
    throw new InvalidInputError('ORB.CATEGORY', 'a category is given twice');
  if (wanted.length > MOST) {
    throw new ConflictError(
      'ORB.CATEGORIES',
      `Orbs may only belong to ${MOST} category(s). This orb has already been placed under the following category(s): ${present.join(',')}.`,
    );
  }
}
