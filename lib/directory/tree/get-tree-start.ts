import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { CHILDREN_PER_PAGE } from "../page-sizes";
import type { DirectoryReader } from "../reader/directory-reader";
import type { Step } from "../reader/paths";
import { inDirectoryAt, type PastRun } from "../reader/readable-runs";
import { departmentRows, memberRows } from "../reader/row-sql";
import { countRemoved } from "../removed/list-removed";
import { readSettings } from "../settings/directory-settings";
import { findDepartmentDetail } from "./get-department-detail";
import { type ChildrenOptions, readChildren } from "./list-children";
import type { ChildPage, DepartmentDetail } from "./schema";

/** Maximum of rows, so that the page's size doesn't grow with the directory. */
const ROWS_MAX = 400;
const OPEN_ROOTS_MAX = 5;
/** A deeper selected department is shown in the panel, but not opened in the tree. */
const OPEN_PATH_MAX = 40;

/** The initially visible part of the tree: the roots, one level, and the path to the selected department. */
export type TreeStart = {
  readonly roots: ChildPage;
  readonly children: Readonly<Record<string, ChildPage>>;
  /** `null` without a selection, or for an unknown department. */
  readonly selected: DepartmentDetail | null;
  readonly departmentCount: number;
  readonly memberCount: number;
  readonly removedCount: number;
  /** Changes with the directory, so that an open tree knows when to reload. */
  readonly revision: number;
  /** The end of the newest finished run, if it failed. The tree may then be outdated. */
  readonly failedAt: Date | null;
  readonly at: PastRun | null;
};

const facts = (at: number | undefined) => `
  SELECT (SELECT count(*) FROM ${departmentRows(at)} d WHERE d.is_present)::int AS "departmentCount",
    (SELECT count(*) FROM ${memberRows(at)} m WHERE m.is_present)::int AS "memberCount",
    (SELECT CASE WHEN state IN ('failed', 'interrupted') THEN finished_at END FROM sync_run
      WHERE organization_id = $1 AND app_id = $2 AND finished_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS "failedAt",
    coalesce((SELECT revision FROM directory WHERE organization_id = $1 AND app_id = $2), 0) AS revision`;

type Facts = Pick<TreeStart, "departmentCount" | "memberCount" | "failedAt" | "revision">;

async function countAllRemoved(reader: DirectoryReader): Promise<number> {
  const [organizationId, appId] = reader.scope;
  const { removedDays } = await readSettings(reader.client, { organizationId, appId });
  const { departments, members } = await countRemoved(reader, removedDays);
  return departments + members;
}

async function openPath(
  reader: DirectoryReader,
  path: readonly Step[],
  options: Pick<ChildrenOptions, "locale" | "limit">,
): Promise<Record<string, ChildPage>> {
  const children: Record<string, ChildPage> = {};
  for (const [index, { id }] of path.entries()) {
    const next = path[index + 1];
    if (next) children[id] = await readChildren(reader, { ...options, parent: id, include: next.id });
  }
  return children;
}

async function openRoots(
  reader: DirectoryReader,
  roots: ChildPage,
  locale: string,
): Promise<Record<string, ChildPage>> {
  const children: Record<string, ChildPage> = {};
  let room = CHILDREN_PER_PAGE;
  for (const { id, hasChildren } of roots.items.slice(0, OPEN_ROOTS_MAX)) {
    if (!hasChildren || room <= 0) continue;
    const page = await readChildren(reader, { parent: id, locale, limit: room });
    children[id] = page;
    room -= page.items.length;
  }
  return children;
}

export type TreeStartOptions = {
  readonly selectedId?: string | undefined;
  readonly at?: string | undefined;
  readonly locale: string;
};

/** @throws {AppError} `not_found` for another organization's app and for a run outside the history */
export function getTreeStart(
  actor: Actor<"directory.read">,
  appId: string,
  { selectedId, at, locale }: TreeStartOptions,
): Promise<TreeStart> {
  return inDirectoryAt(actor, appId, at, async (reader, run) => {
    const { rows } = await reader.client.query<Facts>(facts(reader.at), [...reader.scope]);
    const { departmentCount = 0, memberCount = 0, failedAt = null, revision = 0 } = rows[0] ?? {};
    const selected = selectedId === undefined ? null : await findDepartmentDetail(reader, selectedId);
    const path = selected && selected.path.length <= OPEN_PATH_MAX ? selected.path : [];
    const roots = await readChildren(reader, { include: path[0]?.id, locale });
    const limit = Math.min(CHILDREN_PER_PAGE, Math.floor(ROWS_MAX / Math.max(path.length, 1)));
    const children = {
      ...(await openRoots(reader, roots, locale)),
      ...(await openPath(reader, path, { locale, limit })),
    };
    const removedCount = run === null ? await countAllRemoved(reader) : 0;
    return {
      roots,
      children,
      selected,
      departmentCount,
      memberCount,
      removedCount,
      revision,
      failedAt,
      at: run,
    };
  });
}
