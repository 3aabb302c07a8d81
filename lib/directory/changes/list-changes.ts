import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withTimeBudget } from "@/lib/db/time-limits";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { CHANGES_PER_PAGE } from "../page-sizes";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { type PathTo } from "../reader/paths";
import { compareDepartments, compareMembers, type FieldChange, type FieldValue } from "./changed-fields";
import { loadPaths, type Side } from "./load-paths";
import type { ChangesQuery, ShownChange, ShownField, ShownValue } from "./schema";
import type { DepartmentState, MemberState } from "./stored-states";

export type ChangePage = {
  readonly changes: readonly ShownChange[];
  /** The `after` of the next page; `null` on the last page. */
  readonly next: number | null;
  /** The `before` of the previous page; `null` on the first page. */
  readonly previous: number | null;
};

export type PlanRef = { readonly appId: string; readonly runId: string };

/** Maximum size of a page, which long names would otherwise exceed. */
const PAGE_BYTES = 60_000;
/** Time limit of a search, in milliseconds (S26). */
const SEARCH_MS = 2_000;

export type StoredChange = Pick<ShownChange, "number" | "object" | "id" | "kind" | "reason" | "outcome"> & {
  readonly before: DepartmentState | MemberState | null;
  readonly after: DepartmentState | MemberState | null;
};

/** Returns SQL conditions with their values. The search text is compared as plain text (S26). */
function conditionsOf({ object, kind, q, after, before }: ChangesQuery) {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value) + 3}`));
  };
  add(object, (place) => `object = ${place}::"DirectoryObject"`);
  add(kind, (place) => `kind = ${place}`);
  const holds = (side: Side, text: string) => `position(lower(${text}) in lower(${side} ->> 'name')) > 0`;
  add(q, (place) => `(${holds("before", place)} OR ${holds("after", place)} OR object_id = ${place})`);
  add(before ?? after, (place) => `number ${before === undefined ? ">" : "<"} ${place}`);
  return { values, where: ["true", ...conditions].join(" AND ") };
}

async function find(
  { client, scope }: DirectoryReader,
  setId: string,
  query: ChangesQuery,
): Promise<StoredChange[]> {
  const { values, where } = conditionsOf(query);
  const order = query.before === undefined ? "ASC" : "DESC";
  const { rows } = await client.query<StoredChange>(
    `SELECT number, object::text AS object, object_id AS id, kind, reason, outcome, before, after FROM directory_change
     WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND ${where}
     ORDER BY number ${order} LIMIT ${CHANGES_PER_PAGE + 1}`,
    [...scope, setId, ...values],
  );
  return rows;
}

const sideOf = ({ kind }: Pick<StoredChange, "kind">): Side => (kind === "removed" ? "before" : "after");

const stateOf = (row: StoredChange) =>
  (sideOf(row) === "before" ? row.before : row.after) ?? row.after ?? row.before;

const isDepartment = (state: DepartmentState | MemberState): state is DepartmentState => "parentId" in state;

/** Returns the departments of a change's object: the parent of a department, or a member's departments. */
function placesOf(row: StoredChange): string[] {
  const state = stateOf(row);
  if (!state) return [];
  if (isDepartment(state)) return state.parentId === null ? [] : [state.parentId];
  return state.places.map(({ departmentId }) => departmentId);
}

/** Returns the changed fields; none for an added or removed object. */
function fieldsOf({ kind, before, after }: StoredChange): FieldChange[] {
  if (kind === "removed" || !before || !after) return [];
  if (isDepartment(before) && isDepartment(after)) return compareDepartments(before, after);
  if (!isDepartment(before) && !isDepartment(after)) return compareMembers(before, after);
  return [];
}

const isOf = <Key extends string>(
  value: FieldValue,
  key: Key,
): value is Extract<FieldValue, Record<Key, unknown>> =>
  typeof value === "object" && value !== null && key in value;

type Names = Readonly<Record<Side, PathTo>> & { readonly person: (userId: string) => string };

function toShownValue(value: FieldValue, side: Side, names: Names): ShownValue {
  if (isOf(value, "departments")) return { paths: value.departments.map(names[side]) };
  if (isOf(value, "people")) return { paths: value.people.map((id) => [names.person(id)]) };
  return value;
}

async function loadPeople({ client, scope }: DirectoryReader, userIds: readonly string[]) {
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT user_id AS id, name FROM member WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($3::text[])`,
    [...scope, userIds],
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (id: string) => names.get(id) ?? id;
}

export type LoadPaths = (side: Side, departmentIds: readonly string[]) => Promise<PathTo>;

export async function toShown(
  reader: DirectoryReader,
  rows: readonly StoredChange[],
  loadPathsOf: LoadPaths,
): Promise<ShownChange[]> {
  const compared = rows.map((row) => ({ row, fields: fieldsOf(row) }));
  const ids = (side: Side) =>
    compared.flatMap(({ row, fields }) => [
      ...(sideOf(row) === side ? placesOf(row) : []),
      ...fields.flatMap((field) => [
        ...(isOf(field[side], "departments") ? field[side].departments : []),
        ...(side === "after" && field.departmentId !== null ? [field.departmentId] : []),
      ]),
    ]);
  const people = compared.flatMap(({ fields }) =>
    fields.flatMap(({ before, after }) =>
      [before, after].flatMap((value) => (isOf(value, "people") ? value.people : [])),
    ),
  );
  const names: Names = {
    before: await loadPathsOf("before", ids("before")),
    after: await loadPathsOf("after", ids("after")),
    person: await loadPeople(reader, people),
  };
  return compared.map(({ row, fields }) => {
    const { number, object, id, kind, reason, outcome } = row;
    const places = placesOf(row);
    return {
      number,
      object,
      id,
      kind,
      reason,
      outcome,
      name: stateOf(row)?.name ?? "",
      path: places[0] === undefined ? [] : names[sideOf(row)](places[0]),
      placeCount: places.length,
      fields: fields.map(
        ({ field, departmentId, before, after }): ShownField => ({
          field,
          department: departmentId === null ? null : (names.after(departmentId).at(-1) ?? null),
          before: toShownValue(before, "before", names),
          after: toShownValue(after, "after", names),
        }),
      ),
    };
  });
}

/** Returns the changes that fit into a page, at least one. */
export function withinBytes(changes: readonly ShownChange[]): ShownChange[] {
  let bytes = 0;
  const fitting = changes.findIndex((change, index) => {
    bytes += Buffer.byteLength(JSON.stringify(change));
    return bytes > PAGE_BYTES && index > 0;
  });
  return changes.slice(0, fitting < 0 ? changes.length : fitting);
}

async function assertRun({ client, scope }: DirectoryReader, runId: string): Promise<void> {
  const { rowCount } = await client.query(
    "SELECT FROM sync_run WHERE organization_id = $1 AND app_id = $2 AND id = $3",
    [...scope, runId],
  );
  if (rowCount === 0) throw notFound("run");
}

/** Runs `work` on the plan of a run. @throws {AppError} `not_found`, also for another app's run */
export async function inPlan<T>(
  actor: Actor<"directory.read">,
  { appId, runId }: PlanRef,
  work: (reader: DirectoryReader) => Promise<T>,
): Promise<T> {
  if (!isUuid(runId)) throw notFound("run");
  return inDirectory(actor, appId, async (reader) => {
    await assertRun(reader, runId);
    return work(reader);
  });
}

/** Returns a page of the changes in a run's plan. @param timeoutMs time limit for a search */
export async function listChanges(
  actor: Actor<"directory.read">,
  ref: PlanRef,
  query: ChangesQuery = {},
  timeoutMs = SEARCH_MS,
): Promise<Result<ChangePage, "too_slow">> {
  try {
    return await inPlan(actor, ref, async (all) => {
      const reader = query.q === undefined ? all : { ...all, client: withTimeBudget(all.client, timeoutMs) };
      const isBack = query.before !== undefined;
      const rows = await find(reader, ref.runId, query);
      const paths: LoadPaths = (side, ids) => loadPaths(reader, { setId: ref.runId, side }, ids);
      const found = withinBytes(await toShown(reader, rows.slice(0, CHANGES_PER_PAGE), paths));
      const hasMore = found.length < rows.length;
      const changes = isBack ? found.toReversed() : found;
      const [first, last] = [changes.at(0)?.number ?? null, changes.at(-1)?.number ?? null];
      return ok({
        changes,
        next: isBack || hasMore ? last : null,
        previous: (isBack ? hasMore : query.after !== undefined) ? first : null,
      });
    });
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}
