// Every queue and what works it off.
import {
  EXPIRED_CACHES_QUEUE,
  EXPIRED_WORKSPACES_QUEUE,
  ExpiredCachesHandler,
  ExpiredWorkspacesHandler,
  SEAL_OUTPUT_QUEUE,
  SealOutputWorkHandler,
  TEST_REPORT_QUEUE,
  TestReportWorkHandler,
} from '../execution/index.js';
import {
  COMPILE_QUEUE,
  CompileWorkHandler,
  SERIAL_GROUP_QUEUE,
  SerialGroupWaitHandler,
} from '../pipelines/index.js';

export const QUEUES = [
  COMPILE_QUEUE,
  SERIAL_GROUP_QUEUE,
  TEST_REPORT_QUEUE,
  SEAL_OUTPUT_QUEUE,
  EXPIRED_CACHES_QUEUE,
  EXPIRED_WORKSPACES_QUEUE,
];

export const workHandlers = [
  CompileWorkHandler,
  SerialGroupWaitHandler,
  TestReportWorkHandler,
  SealOutputWorkHandler,
  ExpiredCachesHandler,
  ExpiredWorkspacesHandler,
] as const;
