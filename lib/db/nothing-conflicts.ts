/**
 * Ends an `INSERT … SELECT` that cannot conflict. Without this clause Citus writes the rows with COPY, which row security
 * rejects.
 */
export const NOTHING_CONFLICTS = "ON CONFLICT DO NOTHING";
