// Every migration, in order. Forward only; run at start under an advisory lock.
import { EventStore1763942300000 } from './1763942300000-event-store.js';
import { ReadModels1763942400000 } from './1763942400000-read-models.js';
import { Explanations1764000000000 } from './1764000000000-explanations.js';
import { OutputContent1764000100000 } from './1764000100000-output-content.js';
import { UnsealedOutput1764000300000 } from './1764000300000-unsealed-output.js';
import { Orbs1764100000000 } from './1764100000000-orbs.js';
import { DynamicConfig1764100100000 } from './1764100100000-dynamic-config.js';
import { SerialGroups1764100200000 } from './1764100200000-serial-groups.js';
import { TaskCorrelation1764200000000 } from './1764200000000-task-correlation.js';
import { TestReportReplays1764200100000 } from './1764200100000-test-report-replays.js';
import { StoredFiles1764200200000 } from './1764200200000-stored-files.js';
import { RemoteAgents1764200300000 } from './1764200300000-remote-agents.js';
import { Secrets1764300000000 } from './1764300000000-secrets.js';
import { TestHistory1764300100000 } from './1764300100000-test-history.js';

export const migrations = [
  EventStore1763942300000,
  ReadModels1763942400000,
  Explanations1764000000000,
  OutputContent1764000100000,
  UnsealedOutput1764000300000,
  Orbs1764100000000,
  DynamicConfig1764100100000,
  SerialGroups1764100200000,
  TaskCorrelation1764200000000,
  TestReportReplays1764200100000,
  StoredFiles1764200200000,
  RemoteAgents1764200300000,
  Secrets1764300000000,
  TestHistory1764300100000,
];
