-- expands: a key of their own for the names of counters, so that a rotation of other secrets resets none of them
CREATE TABLE "counter_key" (
    "id" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "counter_key_pkey" PRIMARY KEY ("id")
);
