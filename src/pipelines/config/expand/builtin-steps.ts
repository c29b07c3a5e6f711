// The steps that the runtime itself knows (LANGUAGE sections 13 and 14).

export const BUILTIN_STEPS: ReadonlySet<string> = new Set([
  'run',
  'deploy',
  'checkout',
  'setup_remote_docker',
  'save_cache',
  'restore_cache',
  'store_artifacts',
  'store_test_results',
  'persist_to_workspace',
  'attach_workspace',
  'add_ssh_keys',
  'install_signing_bundle',
]);
