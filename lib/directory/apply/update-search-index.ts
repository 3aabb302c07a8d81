import "server-only";
import { indexNames, isUnindexed, type Kind, storeNames, writeTerms } from "../search/index-names";
import { type ApplyContext, setValues } from "./change-set";

const BATCH = 5_000;

type Row = {
  readonly number: number;
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly jobNumber: string | null;
};

const CHANGED_NAMES = `
  SELECT number, object::text AS kind, object_id AS id, after ->> 'name' AS name, after ->> 'jobNumber' AS "jobNumber"
  FROM directory_change
  WHERE organization_id = $1 AND set_id = $2 AND number > $3 AND outcome IS NULL AND after IS NOT NULL
    AND (before IS NULL OR before -> 'name' IS DISTINCT FROM after -> 'name'
      OR before -> 'jobNumber' IS DISTINCT FROM after -> 'jobNumber')
  ORDER BY number LIMIT ${BATCH}`;

export async function updateSearchIndex(context: ApplyContext): Promise<void> {
  const { client, set } = context;
  const [organizationId, , setId] = setValues(context);
  const isFirst = await isUnindexed(client, set);
  const write = isFirst ? storeNames : indexNames;
  for (let last = 0; ; ) {
    const { rows } = await client.query<Row>(CHANGED_NAMES, [organizationId, setId, last]);
    const names = rows.map(({ kind, id, name, jobNumber }) => ({
      kind,
      id,
      name,
      ...(jobNumber !== null && { also: [jobNumber] }),
    }));
    await write(client, set, names);
    last = rows.at(-1)?.number ?? last;
    if (rows.length < BATCH) break;
  }
  if (isFirst) await writeTerms(client, set);
}
