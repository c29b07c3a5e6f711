// `npm run conformance:config`: runs the cases and prints how much of the language they cover.
import { readCases } from './case.js';
import { coverageOf } from './coverage.js';
import { runCase } from './run-case.js';

const [part] = process.argv.slice(2);
const cases = readCases(part);
let failed = 0;
for (const tried of cases) {
  const failure = await runCase(tried);
  if (failure === undefined) continue;
  failed += 1;
  console.log(`FAILED ${tried.path}: ${tried.title}\n${failure.replace(/^/gm, '  ')}`);
}
console.log(`config cases: ${cases.length - failed} passed, ${failed} failed`);
if (part === undefined) {
  const { covered, open, wrong } = coverageOf(cases);
  console.log(`items covered: ${covered.length} / ${covered.length + open.length}`);
  if (open.length > 0) console.log(`not covered: ${open.join(' ')}`);
  if (wrong.length > 0) console.log(`items.yml and the cases disagree about: ${wrong.join(' ')}`);
  if (wrong.length > 0) process.exitCode = 1;
}
if (failed > 0 || cases.length === 0) process.exitCode = 1;
