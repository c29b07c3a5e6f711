// `npm run conformance:pairs`: how many recorded outputs of the original compiler are reproduced, as data and as text.
import { corpusIsPresent, measurePairs, NO_CORPUS } from './corpus.js';

/** A smaller part than this reproduced as data is a failure. */
const REQUIRED = 0.98;

if (!corpusIsPresent) {
  console.log(NO_CORPUS);
} else {
  const { total, structural, textual, structuralMisses, textualMisses } = await measurePairs();
  for (const miss of structuralMisses) console.log(`NOT the same data: ${miss}`);
  for (const miss of textualMisses) console.log(`not the same text: ${miss}`);
  console.log(`pairs reproduced as data: ${structural} / ${total}`);
  console.log(`pairs reproduced as text: ${textual} / ${total}`);
  if (total === 0 || structural / total < REQUIRED) process.exitCode = 1;
}
