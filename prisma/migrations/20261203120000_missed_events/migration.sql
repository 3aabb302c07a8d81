-- expands: the number of changes that a sync found and no event had announced

ALTER TABLE "sync_run" ADD COLUMN "missed_events" INTEGER;
