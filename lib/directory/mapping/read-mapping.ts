import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { type Mapping, toMapping } from "./targets";

/** An app's mapping, as it is kept. */
export async function readMapping({ client, scope }: DirectoryReader): Promise<Mapping> {
  const { rows } = await client.query<{ chosen: Record<string, string> | null }>(
    `SELECT field_mapping AS chosen FROM directory_settings WHERE organization_id = $1 AND app_id = $2`,
    [...scope],
  );
  return toMapping(rows[0]?.chosen ?? {});
}
