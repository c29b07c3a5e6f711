import type { Command } from 'commander';
export function addRunCommand(program: Command): void {
  void program;
}
