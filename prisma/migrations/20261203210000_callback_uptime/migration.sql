-- expands: times in which no process could receive callbacks

CREATE TABLE "callback_uptime" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "callback_uptime_pkey" PRIMARY KEY ("id")
);
