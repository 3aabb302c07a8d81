import "server-only";
import pg from "pg";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import type { Prisma } from "@/prisma/generated/client";
import { bulkPool, pool, prisma } from "./connection-pools";
import { shapeDatabaseError } from "./errors";
import { CONNECTION_WAIT_MS, LIMITS, type Limits } from "./time-limits";

export type Tx = Prisma.TransactionClient;

/** The owner of the rows. Each value satisfies the row security policies that check it. */
export type Scope = {
  readonly organizationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly userEmail?: string | undefined;
  readonly sessionId?: string | undefined;
};

function checkedUuid(value: string): string {
  if (!isUuid(value)) throw new Error("a unit of work got an id that is not a UUID");
  return `'${value}'`;
}

/** `SET LOCAL` ends with the transaction and reaches Citus workers. It takes no parameters, so values are checked. */
function openingStatements(scope: Scope, limits: Limits): string[] {
  const settings: [string, string][] = [];
  if (scope.organizationId !== undefined)
    settings.push(["app.organization_id", checkedUuid(scope.organizationId)]);
  if (scope.userId !== undefined) settings.push(["app.user_id", checkedUuid(scope.userId)]);
  if (scope.userEmail !== undefined) settings.push(["app.user_email", pg.escapeLiteral(scope.userEmail)]);
  if (scope.sessionId !== undefined) settings.push(["app.session_id", checkedUuid(scope.sessionId)]);
  if (settings.length === 0) throw new Error("a unit of work needs a scope");
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
        // COMMIT after a failure that `work` swallowed rolls back without an error. This statement throws.
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
 * Runs `work` in one transaction that sees the rows of one organization. Never call DingTalk inside it.
 * @throws {AppError} `unavailable` when the database is unreachable or too slow
 */
export function inOrganization<T>(
  { organizationId }: { readonly organizationId: string },
  work: (tx: Tx) => Promise<T>,
  limits: Limits = LIMITS.interactive,
): Promise<T> {
  return run({ organizationId }, limits, work);
}

/** Runs `work` in one transaction that sees one user's rows. Creating an organization sets `organizationId` too. */
export function asUser<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
  return run(scope, LIMITS.interactive, work);
}

/** Sends the queries of `send` in one write to the socket. A separate write costs as much as a small query. */
function inOneWrite<T>(client: pg.PoolClient, send: () => T): T {
  const { stream } = (client as unknown as pg.Client).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
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
    const connection = await (limits.isBulk ? bulkPool() : pool()).connect();
    client = connection;
    // Two queries, because Citus sends the whole text around a SET to its nodes.
    await Promise.all(inOneWrite(connection, () => [connection.query("BEGIN"), connection.query(settings)]));
    const value = await work(connection);
    const { command } = await connection.query("COMMIT");
    if (command !== "COMMIT") throw new Error("a statement failed and was swallowed; nothing was written");
    return value;
  } catch (error) {
    await client?.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure;
    });
    throw shapeDatabaseError(error);
  } finally {
    // A connection that failed to roll back is closed instead of reused.
    client?.release(broken !== undefined);
  }
}

export function inOrganizationSql<T>(
  { organizationId }: { readonly organizationId: string },
  work: (client: pg.ClientBase) => Promise<T>,
  limits: Limits = LIMITS.interactive,
): Promise<T> {
  return runSql({ organizationId }, limits, work);
}

export function asUserSql<T>(scope: Scope, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  return runSql(scope, LIMITS.interactive, work);
}

/** Procedures that set the scope of one organization after another. */
type BatchProcedure = "write_key_uses" | "write_token_reads";

/**
 * Writes rows of many organizations in one statement, under row security.
 * @param rows with times as `Date`
 * @throws {AppError} `unavailable`; then nothing was written
 */
export async function writeForMany(
  name: BatchProcedure,
  rows: readonly { readonly organizationId: string }[],
): Promise<void> {
  try {
    await pool().query(`CALL ${name}($1::jsonb)`, [JSON.stringify(rows)]);
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

type Read = {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly resolve: (rows: never[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Reads that are sent at the end of this turn of the event loop, by the statements that set their scope. */
const waitingReads = () => processWide("db.reads", () => new Map<string, Read[]>());

async function sendReads(settings: string, reads: readonly Read[]): Promise<void> {
  let client: pg.PoolClient | undefined;
  let isDone = false;
  try {
    const connection = await pool().connect();
    client = connection;
    await Promise.all(
      inOneWrite(connection, () => [
        connection.query("BEGIN READ ONLY"),
        connection.query(settings),
        ...reads.map(({ text, values, resolve }) =>
          connection.query<never>(text, [...values]).then(({ rows }) => resolve(rows)),
        ),
        connection.query("COMMIT"),
      ]),
    );
    isDone = true;
  } catch (error) {
    const shaped = shapeDatabaseError(error);
    for (const { reject } of reads) reject(shaped);
  } finally {
    // A failed connection may still have statements in progress.
    client?.release(!isDone);
  }
}

/**
 * Reads rows of one scope. Reads of a scope that start in the same turn of the event loop share a transaction and one
 * round trip, in the order of their calls. If a read fails, the later ones fail too.
 * @throws {AppError} `unavailable`
 */
export function readTogether<Row extends pg.QueryResultRow>(
  scope: Scope,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const { organizationId, userId, userEmail, sessionId } = scope;
  const settings = openingStatements(
    { organizationId, userId, userEmail, sessionId },
    LIMITS.interactive,
  ).join("; ");
  return new Promise<Row[]>((resolve, reject) => {
    const read: Read = { text, values, resolve, reject };
    const waiting = waitingReads();
    const batch = waiting.get(settings);
    if (batch) {
      batch.push(read);
      return;
    }
    const reads = [read];
    waiting.set(settings, reads);
    setImmediate(() => {
      waiting.delete(settings);
      void sendReads(settings, reads);
    });
  });
}
