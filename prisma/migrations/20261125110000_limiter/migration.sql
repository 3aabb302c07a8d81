-- expands: when calls to DingTalk may leave, counters of requests, and what an app's edition allows
-- Counters are worth nothing after a crash, and a crash takes longer than what they count: UNLOGGED, so that a lease
-- waits for no disk. Times are milliseconds since the epoch.
CREATE UNLOGGED TABLE "call_lane" (
    "key" TEXT NOT NULL,
    "next_at" DOUBLE PRECISION,
    "wanted_until" DOUBLE PRECISION,
    "paused_until" DOUBLE PRECISION,
    "calls_per_second" DOUBLE PRECISION,
    "rate_until" DOUBLE PRECISION,

    CONSTRAINT "call_lane_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE "egress_second" (
    "second" BIGINT NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "egress_second_pkey" PRIMARY KEY ("second")
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE "request_minute" (
    "key" TEXT NOT NULL,
    "minute" BIGINT NOT NULL,
    "requests" INTEGER NOT NULL,

    CONSTRAINT "request_minute_pkey" PRIMARY KEY ("key","minute")
) WITH (fillfactor = 50);

CREATE TABLE "egress_ban" (
    "key" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "egress_ban_pkey" PRIMARY KEY ("key")
);

ALTER TABLE "dingtalk_app" ADD COLUMN "calls_per_second" INTEGER;
