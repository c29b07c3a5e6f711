// What is wrong with a command as it was given: one or more lines for the user, and exit code 2.
export class UsageProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageProblem';
  }
}
