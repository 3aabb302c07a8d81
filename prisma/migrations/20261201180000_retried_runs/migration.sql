-- expands: runs that failed are retried

ALTER TYPE "RunTrigger" ADD VALUE 'retry';

ALTER TABLE "sync_run" ADD COLUMN "retry_at" TIMESTAMPTZ(3);
