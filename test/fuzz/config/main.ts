// `npm run fuzz:config -- [--minutes N] [--seed N]`: looks for configs that the compiler fails on. Exits 1 with findings,
// each of which is kept in a file to be tried again.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CompilerPool } from '../../../src/pipelines/config/index.js';
import { corpusIsPresent } from '../../conformance/config/runner/corpus.js';
import { fuzz, type FuzzReport } from './fuzz.js';
import { readSamples } from './sources.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('--minutes and --seed must be numbers');

const samples = readSamples();
const real = corpusIsPresent
  ? 'conformance cases and real configs'
  : '*** NO real configs, conformance cases only ***';
console.log(`seed ${seed}, ${minutes} minutes, ${samples.length} configs to change: ${real}`);

const folder = await mkdtemp(join(tmpdir(), 'rotunda-fuzz-'));
const pool = new CompilerPool({ workers: 1 });
const end = Date.now() + minutes * 60_000;
let nextWord = Date.now() + 60_000;
const goesOn = (report: FuzzReport): boolean => {
  if (Date.now() > nextWord) {
    nextWord = Date.now() + 60_000;
    console.log(`  ${summary(report)}`);
  }
  return Date.now() < end;
};
let files = 0;
try {
  const report = await fuzz({
    seed,
    samples,
    pool,
    goesOn,
    onFinding: ({ kind, detail, source, orbs }) => {
      files += 1;
      const file = join(folder, `${files}.yml`);
      console.log(`FOUND ${kind}: ${detail.slice(0, 500)}\n  ${file}`);
      const imported = Object.entries(orbs).map(
        ([reference, text]) => `# orb ${reference}\n${text.replace(/^/gm, '# ')}\n`,
      );
      void writeFile(file, imported.join('') + source);
    },
  });
  console.log(`seed ${seed}: ${summary(report)}`);
  if (report.findings.length > 0) process.exitCode = 1;
} finally {
  await pool.close();
}

function summary({ executions, compiled, findings }: FuzzReport): string {
  return `${executions} executions (${compiled} compiled, ${executions - compiled} refused), ${findings.length} findings`;
}
