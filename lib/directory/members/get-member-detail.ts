import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { PersonalField } from "@/lib/dingtalk/members";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { notFound } from "@/lib/errors";
import { openPersonal } from "../personal/sealed-values";
import { maskUnlessAllowed } from "../personal/visibility";
import type { DirectoryReader } from "../reader/directory-reader";
import { pathsTo } from "../reader/paths";
import { inDirectoryAt } from "../reader/readable-runs";
import { keyLookup, memberRows, placeRows } from "../reader/row-sql";
import type { LinkedMember, MemberDetail, Seat, ShownPersonal } from "./schema";

const person = (at: number | undefined) => `
  SELECT m.user_id AS id, m.name, m.title, m.job_number AS "jobNumber", m.is_active AS "isActive"
  FROM ${memberRows(at)} m WHERE m.user_id = $3::text AND m.is_present`;

const seats = (at: number | undefined) => `
  SELECT s.department_id::text AS "departmentId", s.title, s.is_leader AS "isLeader", s."order"::text AS "order"
  FROM ${placeRows(at)} s WHERE s.user_id = $3::text ORDER BY s.department_id`;

const NOW = `
  SELECT m.union_id AS "unionId", m.is_admin AS "isAdmin", m.is_boss AS "isBoss", m.is_exclusive AS "isExclusive",
    m.hides_mobile AS "hidesMobile", m.other_fields AS "otherFields", m.first_seen_at AS "firstSeenAt",
    m.changed_at AS "changedAt", m.kept_at AS "keptAt", o.keeps_personal AS "keepsPersonal", p.id AS "personalId",
    p.sealed_values AS sealed
  FROM member m
  JOIN organization o ON o.organization_id = $1
  LEFT JOIN member_personal p ON p.organization_id = $1 AND p.id = m.personal_id
  WHERE m.organization_id = $1 AND m.app_id = $2 AND m.user_id = $3`;

/** Upper bound for one person's other apps. */
const LINKED_MAX = 1_000;

/** Looks members up by unionid. A plain join made the planner read all members of every app. */
export const LINKED = `
  SELECT m.app_id AS "appId", app.name AS "appName", m.user_id AS id, m.name
  FROM (
    SELECT app_id, user_id, name FROM member
    WHERE organization_id = $1
      ${keyLookup("union_id", "$3::text", LINKED_MAX, "AND app_id <> $2 AND removed_at IS NULL")}) m
  JOIN dingtalk_app app ON app.organization_id = $1 AND app.id = m.app_id
  ORDER BY app.created_at, m.app_id, m.user_id LIMIT 20`;

type Person = Omit<MemberDetail, "seats" | "now">;
type Now = Omit<
  NonNullable<MemberDetail["now"]>,
  "linked" | "personal" | "firstSeenAt" | "changedAt" | "keptAt"
> & {
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  readonly keptAt: Date | null;
  readonly keepsPersonal: boolean;
  readonly personalId: string | null;
  readonly sealed: Buffer | null;
};

async function readSeats(reader: DirectoryReader, userId: string): Promise<Seat[]> {
  const { rows } = await reader.client.query<Omit<Seat, "path">>(seats(reader.at), [...reader.scope, userId]);
  const ids = rows.map(({ departmentId }) => departmentId);
  const paths = await pathsTo(reader, ids);
  return rows.map((seat) => ({ ...seat, path: paths.get(seat.departmentId) ?? [] }));
}

function visiblePersonal(
  actor: Actor<"directory.read">,
  { keepsPersonal, personalId, sealed }: Now,
): ShownPersonal | null {
  if (!keepsPersonal) return null;
  if (personalId === null || sealed === null) return [];
  const values = openPersonal(actor.organizationId, personalId, sealed);
  return Object.entries(maskUnlessAllowed(actor, values)) as [PersonalField, JsonValue][];
}

async function readNow(actor: Actor<"directory.read">, { client, scope }: DirectoryReader, userId: string) {
  const { rows } = await client.query<Now>(NOW, [...scope, userId]);
  const row = rows[0];
  if (!row) return null;
  const linked =
    row.unionId === null ? [] : (await client.query<LinkedMember>(LINKED, [...scope, row.unionId])).rows;
  const { unionId, isAdmin, isBoss, isExclusive, hidesMobile, otherFields } = row;
  return {
    unionId,
    isAdmin,
    isBoss,
    isExclusive,
    hidesMobile,
    otherFields,
    firstSeenAt: row.firstSeenAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
    keptAt: row.keptAt?.toISOString() ?? null,
    linked,
    personal: visiblePersonal(actor, row),
  };
}

/** Returns the details of a member. For the past only the fields of its versions. */
export function getMemberDetail(
  actor: Actor<"directory.read">,
  appId: string,
  { id, at }: { readonly id: string; readonly at?: string | undefined },
): Promise<MemberDetail> {
  return inDirectoryAt(actor, appId, at, async (reader) => {
    const { rows } = await reader.client.query<Person>(person(reader.at), [...reader.scope, id]);
    if (!rows[0]) throw notFound("member");
    return {
      ...rows[0],
      seats: await readSeats(reader, id),
      now: reader.at === undefined ? await readNow(actor, reader, id) : null,
    };
  });
}
