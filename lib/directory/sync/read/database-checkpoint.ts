import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { holdApp } from "@/lib/db/lock-app";
import { inOrganizationSql, LIMITS, readTogether } from "@/lib/db/unit-of-work";
import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import type { ListedMember, Member, MemberDetail } from "@/lib/dingtalk/members";
import { chunks } from "../../chunks";
import { type SealedPersonal, type SealPersonal, writePersonal } from "../../personal/personal-values";
import { RunIsOver } from "../../runs/run-failures";
import type { Checkpoint, Put } from "./checkpoint";

/** A walk of an app's directory, whose answers are kept under its id. */
export type WalkRef = AppRef & { readonly walkId: string };

/** What is kept in memory at most before it is written, and for how long. */
const ROWS_KEPT = 1_000;
const KEPT_MS = 1_000;
/** What may wait in memory to be written; from here on whoever brings more waits, too. */
const ROWS_WAIT = 5_000;

type Row = {
  readonly departmentId: string;
  readonly member: Member;
  readonly isLeader: boolean | null;
  readonly order: string | null;
  readonly personal: SealedPersonal | null;
};

/** Stands for no department, where somebody was looked up who is in none that was read. */
const NOWHERE = "0";

/**
 * Keeps what a walk reads in the database, some rows at a time: what is in it is not asked for again by whoever goes on
 * after a kill -9. Of people nothing else is held in this process.
 *
 * @param sealPersonal `null` while the organization doesn't keep what is personal: it goes nowhere then (S33)
 */
export function databaseCheckpoint(walk: WalkRef, sealPersonal: SealPersonal | null): Checkpoint {
  const kept = {
    lists: new Map<string, readonly Department[]>(),
    details: new Map<string, DepartmentDetail>(),
  };
  const pages = new Map<string, string | null>();
  const rows = new Map<string, Row>();
  /** People of whom the lists are not to be believed. */
  const corrected = new Set<string>();
  let since = Date.now();
  let writing: Promise<void> = Promise.resolve();
  /** Rows that `writing` is to write. */
  let underWay = 0;
  const size = () => kept.lists.size + kept.details.size + pages.size + rows.size;

  const flush = (): Promise<void> => {
    const count = size();
    const batch = {
      lists: [...kept.lists],
      details: [...kept.details.values()],
      pages: [...pages],
      rows: [...rows.values()],
      corrected: [...corrected],
    };
    for (const each of [kept.lists, kept.details, pages, rows, corrected]) each.clear();
    since = Date.now();
    // One after the other, so that a later answer is not overtaken by an earlier one
    const write = () => inOrganizationSql(walk, (client) => writeBatch(client, walk, batch), LIMITS.bulk);
    underWay += count;
    writing = writing.then(write).finally(() => {
      underWay -= count;
    });
    // Whoever flushes or waits next is told; until then nobody else is
    writing.catch(() => {});
    return writing;
  };
  const flushIfFull = async () => {
    if (size() >= ROWS_KEPT || Date.now() - since >= KEPT_MS) void flush();
    await (underWay >= ROWS_WAIT ? writing : Promise.race([writing, Promise.resolve()]));
  };
  const keep = (departmentId: string, member: Member, place: Pick<Row, "isLeader" | "order">) => {
    const personal = sealPersonal?.(member.userId, member.personal) ?? null;
    rows.set(`${departmentId} ${member.userId}`, { departmentId, member, ...place, personal });
  };

  return {
    load: () => inOrganizationSql(walk, (client) => load(client, walk), LIMITS.bulk),
    putList(departmentId, children) {
      kept.lists.set(departmentId, children);
      return flushIfFull();
    },
    putDetail(detail) {
      kept.details.set(detail.departmentId, detail);
      return flushIfFull();
    },
    putMembers(departmentId, page: readonly ListedMember[], nextCursor) {
      for (const member of page) keep(departmentId, member, member);
      pages.set(departmentId, nextCursor);
      return flushIfFull();
    },
    async putMember(member: MemberDetail) {
      await flush();
      // What the lists say of somebody goes with the write that has what is true, or a kill -9 would leave nothing
      corrected.add(member.userId);
      for (const place of member.places) keep(place.departmentId, member, place);
      if (member.places.length === 0) keep(NOWHERE, member, { isLeader: null, order: null });
    },
    async drop(departmentIds) {
      await flush();
      await inOrganizationSql(walk, (client) => dropDepartments(client, walk, departmentIds), LIMITS.bulk);
    },
    async unmet(userIds) {
      await flush();
      return inOrganizationSql(walk, (client) => findUnmet(client, walk, userIds), LIMITS.bulk);
    },
    flush,
  };
}

type Batch = {
  readonly lists: readonly (readonly [string, readonly Department[]])[];
  readonly details: readonly DepartmentDetail[];
  readonly pages: readonly (readonly [string, string | null])[];
  readonly rows: readonly Row[];
  readonly corrected: readonly string[];
};

async function writeBatch(client: ClientBase, walk: WalkRef, batch: Batch): Promise<void> {
  const scope = [walk.organizationId, walk.walkId, walk.appId];
  if (batch.lists.length > 0) {
    await client.query(
      `INSERT INTO walk_list (organization_id, walk_id, app_id, department_id, children)
       SELECT $1, $2, $3, id, children FROM unnest($4::bigint[], $5::jsonb[]) AS list (id, children)
       ON CONFLICT (organization_id, walk_id, department_id) DO UPDATE SET children = EXCLUDED.children`,
      [...scope, batch.lists.map(([id]) => id), batch.lists.map(([, children]) => JSON.stringify(children))],
    );
  }
  if (batch.details.length > 0) {
    await client.query(
      `INSERT INTO walk_detail (organization_id, walk_id, app_id, department_id, detail)
       SELECT $1, $2, $3, id, detail FROM unnest($4::bigint[], $5::jsonb[]) AS detail (id, detail)
       ON CONFLICT (organization_id, walk_id, department_id) DO UPDATE SET detail = EXCLUDED.detail`,
      [
        ...scope,
        batch.details.map(({ departmentId }) => departmentId),
        batch.details.map((detail) => JSON.stringify(detail)),
      ],
    );
  }
  if (batch.corrected.length > 0) await deleteMembers(client, walk, batch.corrected);
  await writePersonal(
    client,
    walk,
    batch.rows.flatMap(({ personal }) => personal ?? []),
  );
  for (const rows of chunks(batch.rows)) await writeRows(client, scope, rows);
  if (!(await holdApp(client, walk))) throw new RunIsOver();
  if (batch.pages.length > 0) {
    await client.query(
      `INSERT INTO walk_pages (organization_id, walk_id, app_id, department_id, next_cursor)
       SELECT $1, $2, $3, id, next FROM unnest($4::bigint[], $5::text[]) AS page (id, next)
       ON CONFLICT (organization_id, walk_id, department_id) DO UPDATE SET next_cursor = EXCLUDED.next_cursor`,
      [...scope, batch.pages.map(([id]) => id), batch.pages.map(([, next]) => next)],
    );
  }
}

async function writeRows(client: ClientBase, scope: readonly string[], rows: readonly Row[]): Promise<void> {
  const column = <T>(of: (row: Row) => T) => rows.map(of);
  await client.query(
    `INSERT INTO walk_member (organization_id, walk_id, app_id, department_id, user_id, union_id, name, title, job_number,
       is_active, is_admin, is_boss, is_exclusive, hides_mobile, other_fields, personal_id, is_leader, department_ids, "order")
     SELECT $1, $2, $3, department_id, user_id, union_id, name, title, job_number, is_active, is_admin, is_boss,
       is_exclusive, hides_mobile, ARRAY(SELECT jsonb_array_elements_text(other_fields)), personal_id, is_leader,
       ARRAY(SELECT jsonb_array_elements_text(department_ids))::bigint[], "order"
     FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[],
       $12::boolean[], $13::boolean[], $14::boolean[], $15::jsonb[], $16::uuid[], $17::boolean[], $18::jsonb[],
       $19::bigint[]) AS row (department_id, user_id, union_id, name, title, job_number, is_active, is_admin, is_boss,
       is_exclusive, hides_mobile, other_fields, personal_id, is_leader, department_ids, "order")
     ON CONFLICT (organization_id, walk_id, department_id, user_id) DO UPDATE SET union_id = EXCLUDED.union_id,
       name = EXCLUDED.name, title = EXCLUDED.title, job_number = EXCLUDED.job_number, is_active = EXCLUDED.is_active,
       is_admin = EXCLUDED.is_admin, is_boss = EXCLUDED.is_boss, is_exclusive = EXCLUDED.is_exclusive,
       hides_mobile = EXCLUDED.hides_mobile, other_fields = EXCLUDED.other_fields, personal_id = EXCLUDED.personal_id,
       is_leader = EXCLUDED.is_leader, department_ids = EXCLUDED.department_ids, "order" = EXCLUDED."order"`,
    [
      ...scope,
      column(({ departmentId }) => departmentId),
      column(({ member }) => member.userId),
      column(({ member }) => member.unionId),
      column(({ member }) => member.name),
      column(({ member }) => member.title),
      column(({ member }) => member.jobNumber),
      column(({ member }) => member.isActive),
      column(({ member }) => member.isAdmin),
      column(({ member }) => member.isBoss),
      column(({ member }) => member.isExclusive),
      column(({ member }) => member.hidesMobile),
      column(({ member }) => JSON.stringify(member.otherFields)),
      column(({ personal }) => personal?.id ?? null),
      column(({ isLeader }) => isLeader),
      column(({ member }) => JSON.stringify(member.departmentIds)),
      column(({ order }) => usableOrder(order)),
    ],
  );
}

const INT8_DIGITS = /^-?[0-9]{1,19}$/;

const usableOrder = (order: string | null): string | null =>
  order !== null && INT8_DIGITS.test(order) && BigInt.asIntN(64, BigInt(order)) === BigInt(order)
    ? order
    : null;

async function load(client: ClientBase, { organizationId, walkId }: WalkRef): Promise<Put> {
  const scope = [organizationId, walkId];
  const lists = await client.query<{ departmentId: string; children: Department[] }>(
    `SELECT department_id::text AS "departmentId", children FROM walk_list WHERE organization_id = $1 AND walk_id = $2`,
    scope,
  );
  const details = await client.query<{ detail: DepartmentDetail }>(
    `SELECT detail FROM walk_detail WHERE organization_id = $1 AND walk_id = $2`,
    scope,
  );
  const pages = await client.query<{ id: string; next: string | null }>(
    `SELECT department_id::text AS id, next_cursor AS next FROM walk_pages WHERE organization_id = $1 AND walk_id = $2`,
    scope,
  );
  const counted = await client.query<{ rows: number; people: number }>(
    `SELECT count(*)::int AS rows, count(DISTINCT user_id)::int AS people FROM walk_member WHERE organization_id = $1 AND walk_id = $2`,
    scope,
  );
  return {
    lists: lists.rows,
    details: details.rows.map(({ detail }) => detail),
    members: new Map(pages.rows.map(({ id, next }) => [id, next])),
    memberRows: counted.rows[0]?.rows ?? 0,
    people: counted.rows[0]?.people ?? 0,
  };
}

async function deleteMembers(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  userIds: readonly string[],
): Promise<void> {
  await client.query(
    `DELETE FROM walk_member WHERE organization_id = $1 AND walk_id = $2 AND user_id = ANY($3::text[])`,
    [organizationId, walkId, userIds],
  );
}

async function dropDepartments(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  departmentIds: readonly string[],
): Promise<void> {
  for (const table of ["walk_list", "walk_detail", "walk_pages", "walk_member"]) {
    await client.query(
      `DELETE FROM ${table} WHERE organization_id = $1 AND walk_id = $2 AND department_id = ANY($3::bigint[])`,
      [organizationId, walkId, departmentIds],
    );
  }
}

async function findUnmet(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  userIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM unnest($3::text[]) AS asked (id)
     WHERE NOT EXISTS (SELECT FROM walk_member m WHERE m.organization_id = $1 AND m.walk_id = $2 AND m.user_id = asked.id)`,
    [organizationId, walkId, userIds],
  );
  return rows.map(({ id }) => id);
}

/** How long after its time a retry may begin: a busy worker is late, and a lost job never comes. */
const RETRY_LATE = "15 minutes";

const WALK_TABLES = ["walk_list", "walk_detail", "walk_pages", "walk_member"] as const;

const ANY_WALK = `
  SELECT ${WALK_TABLES.map((table) => `EXISTS (SELECT FROM ${table} WHERE organization_id = $1)`).join(" OR ")} AS "isAny"`;

/** Takes away what walks of an organization have put that no run resumes: their workers were lost, or are too late. */
export async function clearLostWalks(organizationId: string): Promise<void> {
  const [answer] = await readTogether<{ isAny: boolean }>({ organizationId }, ANY_WALK, [organizationId]);
  if (!answer?.isAny) return;
  await inOrganizationSql(
    { organizationId },
    async (client) => {
      for (const table of WALK_TABLES) {
        await client.query(
          `DELETE FROM ${table} w WHERE w.organization_id = $1 AND NOT EXISTS (
             SELECT FROM sync_run r WHERE r.organization_id = $1 AND r.walk_id = w.walk_id
               AND (r.state IN ('queued', 'running') OR r.retry_at > now() - interval '${RETRY_LATE}'))`,
          [organizationId],
        );
      }
    },
    LIMITS.bulk,
  );
}

/** Takes away what a walk has put, once nobody goes on from it. */
export async function clearWalk(client: ClientBase, { organizationId, walkId }: WalkRef): Promise<void> {
  for (const table of WALK_TABLES) {
    await client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND walk_id = $2`, [
      organizationId,
      walkId,
    ]);
  }
}
