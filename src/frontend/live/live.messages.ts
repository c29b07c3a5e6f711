// Which rooms hear of an event, and what. Only names, states and times: never definitions or parameters.
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';

export interface LiveMessage {
  room: string;
  name: 'pipeline' | 'workflow' | 'job' | 'step';
  body: Record<string, unknown>;
}

/** Each event is told once: by the projection whose table it changes, when that has been committed. */
export function messagesFor(projection: string, event: RecordedEvent): LiveMessage[] {
  const data = event.data as Record<string, unknown>;
  const at = event.time.toISOString();
  switch (`${projection}/${event.type}`) {
    case 'pipelines/PipelineCompiled':
      return [
        {
          room: `pipeline-${data['pipelineId']}`,
          name: 'pipeline',
          body: { id: data['pipelineId'], state: 'created', at },
        },
      ];
    case 'pipelines/PipelineErrored':
      return [
        {
          room: `pipeline-${data['pipelineId']}`,
          name: 'pipeline',
          body: { id: data['pipelineId'], state: 'errored', at },
        },
      ];
    case 'workflows/WorkflowCreated':
    case 'workflows/WorkflowEnded': {
      const status = data['status'] ?? 'running';
      return [
        {
          room: `pipeline-${data['pipelineId']}`,
          name: 'workflow',
          body: { id: data['workflowId'], pipelineId: data['pipelineId'], status, at },
        },
      ];
    }
    case 'jobs/JobQueued':
    case 'jobs/JobEnded': {
      const body = {
        id: data['jobId'],
        workflowId: data['workflowId'],
        status: data['status'] ?? 'queued',
        at,
      };
      return [`pipeline-${data['pipelineId']}`, `job-${data['jobId']}`].map((room) => ({
        room,
        name: 'job',
        body,
      }));
    }
    case 'jobs/JobStarted':
      return [
        { room: `job-${data['jobId']}`, name: 'job', body: { id: data['jobId'], status: 'running', at } },
      ];
    case 'tasks/StepsReported':
      return (data['steps'] as { index: number; name: string; status: string; exitCode?: number }[]).map(
        (step) => ({
          room: `job-${data['jobId']}`,
          name: 'step',
          body: {
            taskId: data['taskId'],
            index: step.index,
            name: step.name,
            status: step.status,
            exitCode: step.exitCode,
            at,
          },
        }),
      );
    default:
      return [];
  }
}
