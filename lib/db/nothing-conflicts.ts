/**
 * Ends an `INSERT … SELECT` in which nothing can conflict. Without such a clause a distributed PostgreSQL writes the rows by
 * COPY, which row security refuses.
 */
export const NOTHING_CONFLICTS = "ON CONFLICT DO NOTHING";
