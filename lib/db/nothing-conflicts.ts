/** Ends an `INSERT … SELECT` that cannot conflict. Without it Citus uses COPY, which row security rejects. */
export const NOTHING_CONFLICTS = "ON CONFLICT DO NOTHING";
