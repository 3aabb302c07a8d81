import "server-only";

import type { DirectoryReader } from "./directory-reader";
import { memberRows } from "./row-sql";

/** Somebody who is named; `null` for the name of who isn't, or wasn't, in the directory. */
export type NamedMember = { readonly id: string; readonly name: string | null };

/** What people are called, in the order in which they are asked for. */
export async function namesOf(
  { client, scope, at }: DirectoryReader,
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
