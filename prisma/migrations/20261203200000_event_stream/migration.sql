-- expands: the state of Stream connections

ALTER TABLE "event_subscription" ADD COLUMN "stream_connected_at" TIMESTAMPTZ(3),
ADD COLUMN     "stream_ended_at" TIMESTAMPTZ(3),
ADD COLUMN     "stream_process" UUID,
ADD COLUMN     "stream_failed_at" TIMESTAMPTZ(3),
ADD COLUMN     "stream_error" JSONB;
