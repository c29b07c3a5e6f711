// What the in-job command says of itself.

const SPLIT_OPTIONS = `      --index uint             node to get the tests of, from 0 (default $CIRCLE_NODE_INDEX)
      --total uint             number of nodes (default $CIRCLE_NODE_TOTAL)
      --split-by string        name, filesize or timings (default name)
      --timings-type string    filename, classname, testname or autodetect (default autodetect)
      --time-default duration  time of a test that has none, such as 10s (default 0s)
      --timings-file string    history of test times (default $CIRCLE_INTERNAL_TASK_DATA/circle-test-results/results.json)
      --show-counts            print counts of tests to stderr
`;

const MAIN = `Usage:
  circleci [command]

Commands:
  env subst [STRING]     replace environment variables in a text or in stdin
  run PLUGIN             run the program circleci-PLUGIN
  step halt              end the job successfully after this step (also: task halt)
  tests glob PATTERN...  print the files that match
  tests run              split tests and run a command with those of this node
  tests split [FILE]     print the tests of this node
  version [--short]      print the version
`;

const PAGES: Record<string, string> = {
  'env subst': 'Usage:\n  circleci env subst [STRING]\n',
  'tests glob': 'Usage:\n  circleci tests glob PATTERN...\n',
  'tests split': `Usage:\n  circleci tests split [FILE] [flags]\n\nFlags:\n${SPLIT_OPTIONS}`,
  'tests run': `Usage:\n  circleci tests run --command=COMMAND [flags]\n\nFlags:\n      --command string         shell command that gets the tests on stdin, such as "xargs pytest"\n${SPLIT_OPTIONS}  -v, --verbose              say more\n`,
};

/** The page for these arguments. */
export function helpFor(args: readonly string[]): string {
  const words = args
    .filter((arg) => !arg.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  return Object.hasOwn(PAGES, words) ? PAGES[words]! : MAIN;
}
