/** The program's version, as in package.json. A test sees to it that both are the same: the agent has no such file with it. */
export const VERSION = '0.1.0';
