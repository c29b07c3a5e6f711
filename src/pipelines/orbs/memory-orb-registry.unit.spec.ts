// The registry in memory keeps the contract.
import { MemoryOrbRegistry } from './memory-orb-registry.js';
import { orbRegistryContract } from './orb-registry.contract.js';

orbRegistryContract('memory', async () => {
  const registry = new MemoryOrbRegistry();
  return {
    registry,
    take: async (...events) => {
      for (const event of events) registry.take(event);
    },
  };
});
