import type pg from "pg";
import type { Tx } from "./unit-of-work";

export type Work = Tx | pg.ClientBase;

/** Runs one statement in the caller's unit of work. Parameters need casts, because Prisma sends no types. */
export async function runSql<Row>(work: Work, text: string, values: readonly unknown[]): Promise<Row[]> {
  if ("$queryRawUnsafe" in work) return work.$queryRawUnsafe<Row[]>(text, ...values);
  return (await work.query(text, [...values])).rows as Row[];
}
