-- expands: which processes live and which keys they have, so that a new key writes only when all of them have it
CREATE TABLE "live_process" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "key_hashes" TEXT[],
    "sealing_hash" TEXT,

    CONSTRAINT "live_process_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "sealing_key" (
    "hash" TEXT NOT NULL,
    "first_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealing_key_pkey" PRIMARY KEY ("hash")
);
