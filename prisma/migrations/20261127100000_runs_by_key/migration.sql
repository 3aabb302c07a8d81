-- expands: a sync that a service asked for says by which key
ALTER TABLE "sync_run" ADD COLUMN "started_by_key" TEXT;
