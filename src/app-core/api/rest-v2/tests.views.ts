// Rows of test results as REST v2 shows them.
import type { TestResultEntity } from '../../../execution/index.js';
import type { TestView } from './tests.schemas.js';

export function testView(row: Omit<TestResultEntity, 'reportId' | 'index' | 'jobId'>): TestView {
  const { classname, name, file, source, result, runTime, message } = row;
  return { classname, name, file, source, result, run_time: runTime, message };
}
