// Plain Git repositories, through bare mirrors.
export { GitRepositories, type GitRepositoriesOptions } from './git-repositories.js';
export { gitSource } from './git-source.js';
