import "server-only";
import pg from "pg";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import type { Prisma } from "@/prisma/generated/client";
import { bulkPool, pool, prisma } from "./clients";
import { shapeDatabaseError } from "./errors";

/** What a unit of work is given to read and write with. */
export type Tx = Prisma.TransactionClient;

/** How long a unit of work may take, by what it is for. Bulk ones have connections of their own. */
export const LIMITS = {
  /** A page, a command: somebody waits. Its statements end with the role's own limit. */
  interactive: { totalMs: 10_000, statementMs: null, lockMs: null, isBulk: false },
  /** A job's bulk write. */
  bulk: { totalMs: 120_000, statementMs: 60_000, lockMs: null, isBulk: true },
  /** Planning or writing a whole directory, of half a million people; and waiting for whoever writes it just now. */
  directory: { totalMs: 900_000, statementMs: 300_000, lockMs: 300_000, isBulk: true },
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

/** Has the queries of `send` leave in one write. A write of its own costs as much as a small query, and wakes PostgreSQL. */
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
    const taken = await (limits.isBulk ? bulkPool() : pool()).connect();
    client = taken;
    // Apart, though queued at once: a distributed PostgreSQL hands the text around a SET on to its nodes.
    await Promise.all(inOneWrite(taken, () => [taken.query("BEGIN"), taken.query(settings)]));
    const value = await work(taken);
    const { command } = await taken.query("COMMIT");
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

type Read = {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly resolve: (rows: never[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Reads that go out at the end of this turn of the event loop, by the statements that open their policies. */
const waitingReads = () => processWide("db.reads", () => new Map<string, Read[]>());

async function sendReads(settings: string, reads: readonly Read[]): Promise<void> {
  let client: pg.PoolClient | undefined;
  let isDone = false;
  try {
    const taken = await pool().connect();
    client = taken;
    await Promise.all(
      inOneWrite(taken, () => [
        taken.query("BEGIN READ ONLY"),
        taken.query(settings),
        ...reads.map(({ text, values, resolve }) =>
          taken.query<never>(text, [...values]).then(({ rows }) => resolve(rows)),
        ),
        taken.query("COMMIT"),
      ]),
    );
    isDone = true;
  } catch (error) {
    const shaped = shapeDatabaseError(error);
    for (const { reject } of reads) reject(shaped);
  } finally {
    // One that failed may still have statements under way
    client?.release(!isDone);
  }
}

/**
 * Reads rows of one scope by one statement. The reads of a scope that are asked for in the same turn of the event loop
 * share a transaction and one round trip, in the order in which they were asked for: a page reads by `Promise.all`.
 * When one of them fails, those after it fail with it.
 *
 * @throws {AppError} `unavailable` when the database is away or too slow
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
    const others = waiting.get(settings);
    if (others) {
      others.push(read);
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
