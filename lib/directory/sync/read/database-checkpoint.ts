import "server-only";
import type { ClientBase } from "pg";
import { preventAppDeletion } from "@/lib/db/lock-app";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import type { ListedMember, Member, MemberDetail } from "@/lib/dingtalk/members";
import { log } from "@/lib/log";
import { chunks, expectManyRows } from "../../bulk-rows";
import { type SealedPersonal, type SealPersonal, writePersonal } from "../../personal/sealed-values";
import { WALK_TABLES, type WalkRef } from "../../runs/checkpoint-lifetime";
import { RunIsOver } from "../../runs/run-errors";
import type { BegunRun } from "../../runs/run-records";
import type { Checkpoint, CheckpointContents } from "./checkpoint";

const BUFFER_ROWS_MAX = 1_000;
const BUFFER_MS_MAX = 1_000;
/** From this number of unwritten rows on, callers wait for the database. */
const UNWRITTEN_ROWS_MAX = 5_000;

type Row = {
  readonly departmentId: string;
  readonly member: Member;
  readonly isLeader: boolean | null;
  readonly order: string | null;
  readonly personal: SealedPersonal | null;
};

const NO_DEPARTMENT = "0";
const NOWHERE = { isLeader: null, order: null };

/** Stores a walk's answers in batches, so that a worker can resume. @param sealPersonal `null` if not stored (S33) */
export function databaseCheckpoint(walk: WalkRef, sealPersonal: SealPersonal | null): Checkpoint {
  const buffered = {
    lists: new Map<string, readonly Department[]>(),
    details: new Map<string, DepartmentDetail>(),
  };
  const pages = new Map<string, string | null>();
  const rows = new Map<string, Row>();
  /** Members whose listed rows are replaced by the result of a lookup. */
  const corrected = new Set<string>();
  let since = Date.now();
  let writing: Promise<void> = Promise.resolve();
  let unwritten = 0;
  const inBulk = <T>(work: (client: ClientBase) => Promise<T>) => inOrganizationSql(walk, work, LIMITS.bulk);
  const size = () => buffered.lists.size + buffered.details.size + pages.size + rows.size;

  const flush = (): Promise<void> => {
    const count = size();
    const batch = {
      lists: [...buffered.lists],
      details: [...buffered.details.values()],
      pages: [...pages],
      rows: [...rows.values()],
      corrected: [...corrected],
    };
    for (const each of [buffered.lists, buffered.details, pages, rows, corrected]) each.clear();
    since = Date.now();
    // Batches are written in order, so that an earlier answer never overwrites a later one
    const write = () => inBulk((client) => writeBatch(client, walk, batch));
    unwritten += count;
    writing = writing.then(write).finally(() => {
      unwritten -= count;
    });
    // The next caller that flushes or waits gets the error. Until then it is not an unhandled rejection
    writing.catch(() => {});
    return writing;
  };
  const flushIfFull = async () => {
    if (size() >= BUFFER_ROWS_MAX || Date.now() - since >= BUFFER_MS_MAX) void flush();
    await (unwritten >= UNWRITTEN_ROWS_MAX ? writing : Promise.race([writing, Promise.resolve()]));
  };
  const bufferRow = (departmentId: string, member: Member, place: Pick<Row, "isLeader" | "order">) => {
    const personal = sealPersonal?.(member.userId, member.personal) ?? null;
    rows.set(`${departmentId} ${member.userId}`, { departmentId, member, ...place, personal });
  };

  return {
    load: () => inBulk((client) => load(client, walk)),
    putList(departmentId, children) {
      buffered.lists.set(departmentId, children);
      return flushIfFull();
    },
    putDetail(detail) {
      buffered.details.set(detail.departmentId, detail);
      return flushIfFull();
    },
    putMembers(departmentId, page: readonly ListedMember[], nextCursor) {
      for (const member of page) bufferRow(departmentId, member, member);
      pages.set(departmentId, nextCursor);
      return flushIfFull();
    },
    async putMember(member: MemberDetail) {
      await flush();
      // The listed rows are deleted in the transaction that writes the new ones, or a kill -9 would lose the member
      corrected.add(member.userId);
      for (const place of member.places) bufferRow(place.departmentId, member, place);
      if (member.places.length === 0) bufferRow(NO_DEPARTMENT, member, NOWHERE);
    },
    async drop(departmentIds) {
      await flush();
      await inBulk((client) => dropDepartments(client, walk, departmentIds));
    },
    async findUnread(userIds) {
      await flush();
      return inBulk((client) => findUnread(client, walk, userIds));
    },
    findMissingMembers: (ignored) => inBulk((client) => findMissingMembers(client, walk, ignored)),
    findConflictingMembers: () => inBulk((client) => findConflictingMembers(client, walk)),
    flush,
  };
}

/** Stores the rows of members who were looked up, in the caller's transaction. */
export async function stageMembers(
  client: ClientBase,
  walk: WalkRef,
  members: readonly MemberDetail[],
  sealPersonal: SealPersonal | null,
): Promise<void> {
  const rows = members.flatMap((member): Row[] => {
    const personal = sealPersonal?.(member.userId, member.personal) ?? null;
    const places = member.places.length > 0 ? member.places : [{ ...NOWHERE, departmentId: NO_DEPARTMENT }];
    return places.map(({ departmentId, isLeader, order }) => ({
      departmentId,
      member,
      isLeader,
      order,
      personal,
    }));
  });
  await writePersonal(
    client,
    walk,
    rows.flatMap(({ personal }) => personal ?? []),
  );
  const scope = [walk.organizationId, walk.walkId, walk.appId];
  for (const some of chunks(rows)) await writeRows(client, scope, some);
}

export async function deleteStagedMembers(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
): Promise<void> {
  await client.query("DELETE FROM walk_member WHERE organization_id = $1 AND walk_id = $2", [
    organizationId,
    walkId,
  ]);
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
  if (!(await preventAppDeletion(client, walk))) throw new RunIsOver();
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

async function load(client: ClientBase, { organizationId, walkId }: WalkRef): Promise<CheckpointContents> {
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
  for (const table of WALK_TABLES) {
    await client.query(
      `DELETE FROM ${table} WHERE organization_id = $1 AND walk_id = $2 AND department_id = ANY($3::bigint[])`,
      [organizationId, walkId, departmentIds],
    );
  }
}

async function findUnread(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  userIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM unnest($3::text[]) AS requested (id)
     WHERE NOT EXISTS (SELECT FROM walk_member m WHERE m.organization_id = $1 AND m.walk_id = $2 AND m.user_id = requested.id)`,
    [organizationId, walkId, userIds],
  );
  return rows.map(({ id }) => id);
}

async function findMissingMembers(
  client: ClientBase,
  { organizationId, appId, walkId }: WalkRef,
  ignoredDepartmentIds: readonly string[],
): Promise<string[]> {
  await expectManyRows(client);
  const { rows } = await client.query<{ id: string }>(
    `SELECT m.user_id AS id FROM member m
     WHERE m.organization_id = $1 AND m.app_id = $2 AND m.removed_at IS NULL
       AND NOT EXISTS (SELECT FROM walk_member w
         WHERE w.organization_id = $1 AND w.walk_id = $3 AND w.user_id = m.user_id)
       AND (EXISTS (SELECT FROM member_place p WHERE p.organization_id = $1 AND p.app_id = $2
           AND p.user_id = m.user_id AND NOT (p.department_id = ANY($4::bigint[])))
         OR NOT EXISTS (SELECT FROM member_place p
           WHERE p.organization_id = $1 AND p.app_id = $2 AND p.user_id = m.user_id))`,
    [organizationId, appId, walkId, ignoredDepartmentIds],
  );
  return rows.map(({ id }) => id);
}

/** A row without department ids contradicts no other. */
async function findConflictingMembers(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
): Promise<string[]> {
  await expectManyRows(client);
  const { rows } = await client.query<{ id: string }>(
    // Materialized: PostgreSQL otherwise joins all pages for each row within the nested loop
    `WITH listed AS MATERIALIZED (
       SELECT w.user_id, listed.department_id FROM walk_member w
       CROSS JOIN LATERAL unnest(w.department_ids) AS listed (department_id)
       WHERE w.organization_id = $1 AND w.walk_id = $2 AND w.department_id > 0)
     SELECT user_id AS id FROM walk_member
     WHERE organization_id = $1 AND walk_id = $2 AND department_id > 0 AND cardinality(department_ids) > 0
     GROUP BY user_id
     HAVING count(DISTINCT department_ids) > 1 OR bool_or(NOT department_id = ANY(department_ids))
     UNION
     SELECT listed.user_id FROM listed JOIN walk_pages pages ON pages.organization_id = $1 AND pages.walk_id = $2
       AND pages.department_id = listed.department_id
     WHERE NOT EXISTS (
       SELECT FROM walk_member o WHERE o.organization_id = $1 AND o.walk_id = $2
         AND o.department_id = listed.department_id AND o.user_id = listed.user_id)`,
    [organizationId, walkId],
  );
  return rows.map(({ id }) => id);
}

/** Deletes the checkpoint of a run that no later run will resume. If this fails, the sweep deletes it later. */
export async function deleteCheckpoint({ organizationId, runId, walkId }: BegunRun): Promise<void> {
  const work = async (client: ClientBase) => {
    for (const table of WALK_TABLES) {
      await client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND walk_id = $2`, [
        organizationId,
        walkId,
      ]);
    }
  };
  await inOrganizationSql({ organizationId }, work, LIMITS.directory).catch((error: unknown) =>
    log.warn("checkpoint not deleted", { runId, error }),
  );
}
