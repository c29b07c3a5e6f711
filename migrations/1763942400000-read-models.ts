// The read models. Each table belongs to one projection and can be made anew from the log.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { checkpointSchemaSql } from '../src/platform/followers/checkpoints.js';

export class ReadModels1763942400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(checkpointSchemaSql);
    await db.query(`
      CREATE TABLE project (
        id uuid PRIMARY KEY, slug text NOT NULL UNIQUE, name text NOT NULL,
        organization_id uuid NOT NULL, organization_slug text NOT NULL, organization_name text NOT NULL,
        vcs_url text NOT NULL, default_branch text NOT NULL, created_at timestamptz NOT NULL
      );
      CREATE INDEX project_organization ON project (organization_slug, slug);
      CREATE INDEX project_organization_id ON project (organization_id);

      CREATE TABLE pipeline (
        id uuid PRIMARY KEY, project_id uuid NOT NULL, project_slug text NOT NULL, number int NOT NULL,
        state text NOT NULL, trigger jsonb NOT NULL, vcs jsonb NOT NULL, branch text, actor_id uuid NOT NULL,
        parameters jsonb NOT NULL, commit jsonb, errors jsonb NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        UNIQUE (project_id, number)
      );
      CREATE INDEX pipeline_branch ON pipeline (project_id, branch, number);
      CREATE INDEX pipeline_actor ON pipeline (project_id, actor_id, number);
      CREATE INDEX pipeline_project ON pipeline (project_id, id);
      CREATE INDEX pipeline_project_actor ON pipeline (project_id, actor_id, id);
      CREATE INDEX pipeline_actor_all ON pipeline (actor_id, id);
      CREATE INDEX pipeline_pending ON pipeline (id) WHERE state = 'pending';
      CREATE TABLE pipeline_config (pipeline_id uuid PRIMARY KEY, source text NOT NULL, compiled text NOT NULL);

      CREATE TABLE workflow (
        id uuid PRIMARY KEY, pipeline_id uuid NOT NULL, project_id uuid NOT NULL, name text NOT NULL, status text NOT NULL,
        started_by text NOT NULL, canceled_by text, workspace_id uuid NOT NULL, rerun_of uuid,
        created_at timestamptz NOT NULL, stopped_at timestamptz
      );
      CREATE INDEX workflow_pipeline ON workflow (pipeline_id, id);
      CREATE TABLE workflow_job (
        workflow_id uuid NOT NULL, job_id uuid NOT NULL, ordinal int NOT NULL, name text NOT NULL, type text NOT NULL,
        requires jsonb NOT NULL, phase text NOT NULL, status text, reason text, approved_by text, canceled_by text,
        ended_at timestamptz, PRIMARY KEY (workflow_id, job_id)
      );
      CREATE INDEX workflow_job_job ON workflow_job (job_id);

      CREATE TABLE job (
        id uuid PRIMARY KEY, workflow_id uuid NOT NULL, pipeline_id uuid NOT NULL, project_id uuid NOT NULL,
        name text NOT NULL, number int NOT NULL, status text NOT NULL, resource_class text NOT NULL, executor text NOT NULL,
        parallelism int NOT NULL, contexts jsonb NOT NULL, canceled_by text,
        queued_at timestamptz NOT NULL, started_at timestamptz, stopped_at timestamptz,
        UNIQUE (project_id, number)
      );
      CREATE INDEX job_workflow ON job (workflow_id);

      CREATE TABLE task (
        id uuid PRIMARY KEY, job_id uuid NOT NULL, node_index int NOT NULL, state text NOT NULL, claim int NOT NULL,
        token_hash text NOT NULL, resource_class text NOT NULL, executor text NOT NULL, cancel_requested boolean NOT NULL,
        agent_id uuid, agent_name text, message text, queued_at timestamptz NOT NULL, claimed_at timestamptz,
        started_at timestamptz, stopped_at timestamptz
      );
      CREATE INDEX task_job ON task (job_id, node_index);
      CREATE INDEX task_queue ON task (queued_at, id) WHERE state = 'queued';
      CREATE INDEX task_held ON task (claimed_at) WHERE state IN ('claimed', 'started');
      CREATE TABLE step (
        task_id uuid NOT NULL, index int NOT NULL, job_id uuid NOT NULL, name text NOT NULL, type text NOT NULL,
        command text, background boolean NOT NULL, status text NOT NULL, exit_code int, output_bytes bigint,
        started_at timestamptz NOT NULL, ended_at timestamptz, PRIMARY KEY (task_id, index)
      );
      CREATE INDEX step_job ON step (job_id);

      CREATE TABLE artifact (
        job_id uuid NOT NULL, node_index int NOT NULL, path text COLLATE "C" NOT NULL, size bigint NOT NULL, sha256 text NOT NULL,
        blob_key text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (job_id, node_index, path)
      );
      CREATE TABLE cache (
        id uuid PRIMARY KEY, project_id uuid NOT NULL, key text COLLATE "C" NOT NULL, job_number int NOT NULL, size bigint NOT NULL,
        sha256 text NOT NULL, blob_key text NOT NULL, created_at timestamptz NOT NULL
      );
      CREATE INDEX cache_key ON cache (project_id, key, created_at);
      CREATE TABLE workspace_layer (
        id uuid PRIMARY KEY, workspace_id uuid NOT NULL, job_id uuid NOT NULL, job_name text NOT NULL, node_index int NOT NULL,
        step int NOT NULL, size bigint NOT NULL, sha256 text NOT NULL, blob_key text NOT NULL, created_at timestamptz NOT NULL
      );
      CREATE INDEX workspace_layer_workspace ON workspace_layer (workspace_id, job_id);
      CREATE TABLE test_report (
        id uuid PRIMARY KEY, job_id uuid NOT NULL, project_id uuid NOT NULL, node_index int NOT NULL, path text NOT NULL,
        blob_key text NOT NULL, state text NOT NULL, message text, created_at timestamptz NOT NULL
      );
      CREATE INDEX test_report_job ON test_report (job_id);
      CREATE INDEX test_report_waiting ON test_report (id) WHERE state = 'waiting';
      CREATE TABLE test_result (
        report_id uuid NOT NULL, index int NOT NULL, job_id uuid NOT NULL, classname text NOT NULL, name text NOT NULL,
        file text NOT NULL, source text NOT NULL, result text NOT NULL, run_time float8 NOT NULL, message text NOT NULL,
        PRIMARY KEY (report_id, index)
      );
      CREATE INDEX test_result_job ON test_result (job_id, report_id, index);

      CREATE TABLE app_user (id uuid PRIMARY KEY, login text NOT NULL UNIQUE, name text NOT NULL, created_at timestamptz NOT NULL);
      CREATE TABLE api_token (
        id uuid PRIMARY KEY, user_id uuid NOT NULL, label text NOT NULL, kind text NOT NULL, hash text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL
      );

      -- Not a read model: signs of life of agents, which are not worth an event each. Losing it costs one lease.
      CREATE TABLE task_lease (task_id uuid PRIMARY KEY, claim int NOT NULL, expires_at timestamptz NOT NULL);
    `);
  }

  /** Migrations go forward only: a newer program reads older events, never the other way round. */
  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
