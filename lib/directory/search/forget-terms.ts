import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";

/** About a second's work. */
const TERMS_AT_ONCE = 50_000;

type Key = { readonly kind: number; readonly place: number; readonly term: string; readonly id: string };

/** The last one of those that go now. */
const LAST = `
  SELECT kind, place, term, object_id AS id FROM search_term WHERE organization_id = $1::uuid AND app_id = $2::uuid
  ORDER BY kind, place, term, object_id OFFSET ${TERMS_AT_ONCE - 1} LIMIT 1`;

/** By a range of the key: a join with the rows that are meant would read all of the app's again each time. */
const FORGET = "DELETE FROM search_term WHERE organization_id = $1::uuid AND app_id = $2::uuid";
const UP_TO = "AND (kind, place, term, object_id) <= ($3::smallint, $4::smallint, $5::text, $6::text)";

/** Takes terms of an app that is gone away, as many as a request may wait for. @returns whether there may be more */
export async function forgetTerms(work: Work, { organizationId, appId }: AppRef): Promise<boolean> {
  const scope = [organizationId, appId];
  const [last] = await runSql<Key>(work, LAST, scope);
  if (last) await runSql(work, `${FORGET} ${UP_TO}`, [...scope, last.kind, last.place, last.term, last.id]);
  else await runSql(work, FORGET, scope);
  return last !== undefined;
}
