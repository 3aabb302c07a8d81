import "server-only";
import pg from "pg";
import { isUuid } from "@/lib/public-id";
import type { Prisma } from "@/prisma/generated/client";
import { pool, prisma } from "./clients";
import { shapeDatabaseError } from "./errors";

/** What a unit of work is given to read and write with. */
export type Tx = Prisma.TransactionClient;

/** How long a unit of work may take, by what it is for. */
export const LIMITS = {
  /** A page, a command: somebody waits. Its statements end with the role's own limit. */
  interactive: { totalMs: 10_000, statementMs: null, lockMs: null },
  /** A job's bulk write. */
  bulk: { totalMs: 120_000, statementMs: 60_000, lockMs: null },
  /** Planning or writing a whole directory, of half a million people; and waiting for whoever writes it just now. */
  directory: { totalMs: 900_000, statementMs: 300_000, lockMs: 300_000 },
} as const;

export type Limits = (typeof LIMITS)[keyof typeof LIMITS];

const CONNECTION_WAIT_MS = 5_000;

/** Who the rows must belong to. Each value opens the policies that are written for it, and no others. */
export type Scope = {
  readonly organizationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly userEmail?: string | undefined;
  readonly sessionId?: string | undefined;
};

function checkedUuid(value: string): string {
  if (!isUuid(value)) throw new Error("a unit of work was asked for with an id that is no UUID");
  return `'${value}'`;
}

/**
 * The statements that open the policies. `SET LOCAL`, not `set_config()`: it also reaches the workers of
 * a distributed PostgreSQL, and it ends with the transaction, so a pooled connection carries nothing over.
 * It takes no parameters, which is why every value is checked or quoted here and nowhere else.
 */
function openingStatements(scope: Scope, limits: Limits): string[] {
  const settings: [string, string][] = [];
  if (scope.organizationId !== undefined)
    settings.push(["app.organization_id", checkedUuid(scope.organizationId)]);
  if (scope.userId !== undefined) settings.push(["app.user_id", checkedUuid(scope.userId)]);
  if (scope.userEmail !== undefined) settings.push(["app.user_email", pg.escapeLiteral(scope.userEmail)]);
  if (scope.sessionId !== undefined) settings.push(["app.session_id", checkedUuid(scope.sessionId)]);
  if (settings.length === 0) throw new Error("a unit of work needs to know whose it is");
  if (limits.statementMs !== null) settings.push(["statement_timeout", `'${limits.statementMs}ms'`]);
  if (limits.lockMs !== null) settings.push(["lock_timeout", `'${limits.lockMs}ms'`]);
  return settings.map(([name, value]) => `SET LOCAL ${name} = ${value}`);
}

async function run<T>(scope: Scope, limits: Limits, work: (tx: Tx) => Promise<T>): Promise<T> {
  const statements = openingStatements(scope, limits);
  try {
    return await prisma().$transaction(
      async (tx) => {
        for (const statement of statements) await tx.$executeRawUnsafe(statement);
        const value = await work(tx);
        // After a failure that `work` swallowed, COMMIT would roll back and say nothing; this one does.
        await tx.$executeRawUnsafe("SELECT 1");
        return value;
      },
      { timeout: limits.totalMs, maxWait: CONNECTION_WAIT_MS },
    );
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * Runs `work` in one transaction that sees the rows of one organization. For commands and pages.
 * Never hold it across a call to DingTalk.
 *
 * @throws {AppError} `unavailable` when the database is away or too slow
 */
export function inOrganization<T>(
  { organizationId }: { readonly organizationId: string },
  work: (tx: Tx) => Promise<T>,
  limits: Limits = LIMITS.interactive,
): Promise<T> {
  return run({ organizationId }, limits, work);
}

/**
 * The same for what concerns a person rather than one organization: signing in, a session, the list of
 * one's organizations. With `organizationId` beside it, for making an organization and its first owner.
 */
export function asPerson<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
  return run(scope, LIMITS.interactive, work);
}

async function runSql<T>(
  scope: Scope,
  limits: Limits,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const settings = openingStatements(scope, limits).join("; ");
  let client: pg.PoolClient | undefined;
  let broken: unknown;
  try {
    client = await pool().connect();
    // Apart, though queued at once: a distributed PostgreSQL hands the text around a SET on to its nodes.
    await Promise.all([client.query("BEGIN"), client.query(settings)]);
    const value = await work(client);
    const { command } = await client.query("COMMIT");
    if (command !== "COMMIT") throw new Error("a statement failed and was swallowed; nothing was written");
    return value;
  } catch (error) {
    await client?.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure;
    });
    throw shapeDatabaseError(error);
  } finally {
    // A connection that couldn't roll back is thrown away, not handed to the next caller.
    client?.release(broken !== undefined);
  }
}

/**
 * `inOrganization` over plain SQL, for hot reads, bulk writes and streams: nothing stands between the rows
 * and the caller.
 */
export function inOrganizationSql<T>(
  { organizationId }: { readonly organizationId: string },
  work: (client: pg.ClientBase) => Promise<T>,
  limits: Limits = LIMITS.interactive,
): Promise<T> {
  return runSql({ organizationId }, limits, work);
}

/** `asPerson` over plain SQL: what every request asks first, who is calling. */
export function inPersonSql<T>(scope: Scope, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  return runSql(scope, LIMITS.interactive, work);
}

/** Procedures of ours that open the policies of one organization after another by themselves. */
type ForMany = "write_key_uses" | "write_token_reads";

/**
 * Writes what was gathered for many organizations in one statement. Row security stands: the procedure opens each
 * organization's policies for that organization's rows alone.
 *
 * @param rows each with its `organizationId`; a moment as a `Date`
 * @throws {AppError} `unavailable` when the database is away or too slow; then nothing was written
 */
export async function writeForMany(
  name: ForMany,
  rows: readonly { readonly organizationId: string }[],
): Promise<void> {
  try {
    await pool().query(`CALL ${name}($1::jsonb)`, [JSON.stringify(rows)]);
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * One statement that reads rows of one organization, in one round trip: for what is asked so often that the four of a
 * unit of work are too many.
 *
 * @throws {AppError} `unavailable` when the database is away or too slow
 */
export async function readOnce<Row extends pg.QueryResultRow>(
  { organizationId }: { readonly organizationId: string },
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const settings = openingStatements({ organizationId }, LIMITS.interactive).join("; ");
  let client: pg.PoolClient | undefined;
  let isDone = false;
  try {
    client = await pool().connect();
    const [, , { rows }] = await Promise.all([
      client.query("BEGIN READ ONLY"),
      client.query(settings),
      client.query<Row>(text, [...values]),
      client.query("COMMIT"),
    ]);
    isDone = true;
    return rows;
  } catch (error) {
    throw shapeDatabaseError(error);
  } finally {
    // One that failed may still have statements under way
    client?.release(!isDone);
  }
}
