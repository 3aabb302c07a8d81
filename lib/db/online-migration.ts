import { setTimeout as delay } from "node:timers/promises";
import { log } from "@/lib/log";

/** Every request that needs the same table waits behind a migration that waits for a lock, for this long at most. */
const LOCK_TIMEOUT_MS = 500;
/** Pauses between tries let those requests through. */
const PAUSE_MS = { first: 200, longest: 5_000 };
/** Covers the longest writes of a directory and a backup's reads, and ends before anybody takes the start for hung. */
const PATIENCE_MS = 600_000;

const LOCK_NOT_AVAILABLE = "55P03";
const DEADLOCK_DETECTED = "40P01";

/** Strings, names, comments and bodies, in which a `;` ends nothing; then what does, and everything else. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|(?<end>;)|[^;'"\-/$]+|[\s\S]/g;

/** The statements of a script, without their `;`. Not for strings with backslashes (`E'…'`). */
export function statementsOf(script: string): string[] {
  const statements = [""];
  for (const { 0: token, groups } of script.matchAll(TOKENS)) {
    if (groups?.end) statements.push("");
    else statements[statements.length - 1] += token;
  }
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}

/** Removes the comments before a statement. */
const bare = (statement: string) => statement.replace(/^(?:\s*--[^\n]*(?:\n|$))+\s*/, "");

const CONCURRENT =
  /^(?:CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS|DROP INDEX CONCURRENTLY IF EXISTS) "(?<index>[^"]+)"/;

const VALIDATION = /^ALTER TABLE "(?<table>[^"]+)" VALIDATE CONSTRAINT "(?<constraint>[^"]+)"$/;

/**
 * Returns whether a migration runs statement by statement, because it builds or drops indexes concurrently, which
 * PostgreSQL allows only outside a transaction, or validates constraints, which reads a whole table. Such a migration
 * contains nothing else.
 *
 * @throws {Error} when it contains something else, or a statement that can't be repeated after a crash
 */
export function isStepwise(sql: string): boolean {
  const statements = statementsOf(sql).map(bare).filter(Boolean);
  if (
    !statements.some((statement) =>
      /^[^'"$]*\bCONCURRENTLY\b|^ALTER TABLE\b[^']*\bVALIDATE CONSTRAINT\b/.test(statement),
    )
  )
    return false;
  const other = statements.find((statement) => !CONCURRENT.test(statement) && !VALIDATION.test(statement));
  if (other === undefined) return true;
  throw new Error(
    `A migration with CONCURRENTLY or VALIDATE CONSTRAINT may contain only CREATE INDEX CONCURRENTLY IF NOT EXISTS "…", DROP INDEX CONCURRENTLY IF EXISTS "…" and ALTER TABLE "…" VALIDATE CONSTRAINT "…", not: ${other}`,
  );
}

type Query = (sql: string) => Promise<{ readonly rowCount: number | null }>;

/** A try that failed or was killed leaves an index that is maintained by every write and used by no query. */
async function dropInvalid(index: string, query: Query): Promise<void> {
  const invalid = `SELECT FROM pg_index WHERE indexrelid = to_regclass('"${index}"') AND NOT indisvalid`;
  if ((await query(invalid)).rowCount) await query(`DROP INDEX CONCURRENTLY IF EXISTS "${index}"`);
}

/** Changes on which tables of a foreign key row security is forced: those that have row security at all. */
const setForced = (table: string, constraint: string, action: "FORCE" | "NO FORCE") => `
  DO $forced$ DECLARE fenced regclass; BEGIN
    FOR fenced IN SELECT DISTINCT c.oid::regclass FROM pg_constraint k JOIN pg_class c ON c.oid IN (conrelid, confrelid)
      WHERE contype = 'f' AND conname = '${constraint}' AND conrelid = to_regclass('"${table}"') AND relrowsecurity
    LOOP EXECUTE format('ALTER TABLE %s ${action} ROW LEVEL SECURITY', fenced); END LOOP;
  END $forced$`;

/**
 * Validates a constraint while others read and write. A foreign key is compared by a query of the owner, from whom
 * forced row security hides all rows, so that every key would pass.
 */
async function validate(statement: string, run: (sql: string) => Promise<unknown>): Promise<void> {
  const { table = "", constraint = "" } = VALIDATION.exec(statement)?.groups ?? {};
  await run(setForced(table, constraint, "NO FORCE"));
  try {
    // Citus sends the whole text around a statement to its nodes, with the limit of `run`, unless a block executes it.
    await run(
      `DO $validate$ BEGIN EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT %I', '${table}', '${constraint}'); END $validate$`,
    );
  } finally {
    await run(setForced(table, constraint, "FORCE"));
  }
}

/** Calls `work` until it gets its locks. @throws what `work` threw, after ten minutes or for another reason */
async function untilLocked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (let tries = 1, pause = PAUSE_MS.first; ; tries++, pause = Math.min(pause * 2, PAUSE_MS.longest)) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK_DETECTED) throw error;
      if (performance.now() + pause > end) throw error;
      log.info("migration waits for a lock", { migration: name, tries, code });
      await delay(pause);
    }
  }
}

/** As a function and not as SET: Citus would send the text of a SET, which is the whole script, to its nodes. */
const LIMIT = `SELECT set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true);`;

/**
 * Runs a migration while others read and write. Statements run as one transaction that gives up and starts over when a
 * lock isn't free at once, so that requests don't queue behind it; those of a stepwise migration run one by one.
 *
 * @param record SQL that records the migration: part of its transaction, or the last statement
 */
export async function runOnline(
  { name, sql }: { readonly name: string; readonly sql: string },
  record: string,
  query: Query,
): Promise<void> {
  const runLimited = (script: string) => untilLocked(name, () => query(`${LIMIT}\n${script}`));
  if (!isStepwise(sql)) {
    await runLimited(`${sql}\n;${record}`);
    return;
  }
  for (const statement of statementsOf(sql).map(bare).filter(Boolean)) {
    const index = CONCURRENT.exec(statement)?.groups?.index;
    if (index === undefined) {
      await validate(statement, runLimited);
      continue;
    }
    await untilLocked(name, async () => {
      await dropInvalid(index, query);
      await query(statement);
    });
  }
  await query(record);
}
