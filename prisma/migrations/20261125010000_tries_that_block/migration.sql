-- expands: a counter says until when it blocks, and sessions that have run out may be taken away
ALTER TABLE "throttle" ADD COLUMN "blocked_until" BIGINT;

-- A session that has run out is worth nothing to anyone, and housekeeping knows nobody's id. For DELETE alone:
-- the address and the browser in it are still read by nobody but its person.
CREATE POLICY "over" ON "sessions" FOR DELETE USING ("expires_at" < now());
