import "server-only";
import { memberRows } from "../history/rows-at";
import type { NamedMember } from "../tree/schema";
import type { Place } from "./directory-reader";

/** What people are called, in the order in which they are asked for. */
export async function namesOf(
  { client, scope, at }: Place,
  userIds: readonly string[],
): Promise<NamedMember[]> {
  if (userIds.length === 0) return [];
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT user_id AS id, name FROM ${memberRows(at)} m WHERE m.user_id = ANY ($3::text[]) AND m.is_there`,
    [...scope, userIds],
  );
  const nameOf = new Map(rows.map(({ id, name }) => [id, name]));
  return userIds.map((id) => ({ id, name: nameOf.get(id) ?? null }));
}
