import { setImmediate } from "node:timers/promises";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { runSql, type Work } from "@/lib/db/run-sql";
import { type Terms, termsOf } from "./search-terms";

export const KINDS = { department: 1, member: 2 } as const;
export type Kind = keyof typeof KINDS;

/** The values of `search_term.place`: whether a term begins at the start of the name or inside it. */
export const PLACES = { first: 0, inside: 1 } as const;

/** Names per statement, which makes some megabytes of terms. */
const NAMES_AT_ONCE = 2_000;
/** Names between two yields to the event loop: one or two milliseconds of work. */
const NAMES_BETWEEN = 100;

export type Name = {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  /** Further texts that match by prefix only, such as the job number. A member's id is added automatically. */
  readonly also?: readonly string[] | undefined;
};

/** The terms of a name as `search_name` stores them: one line each, because no term contains a line break. */
type Lines = { readonly id: string; readonly first: string; readonly inside: string };

type Part = AppRef & { readonly kind: Kind };

const linesOf = (terms: ReadonlySet<string>) => [...terms].join("\n");
const termsIn = (lines: string) => (lines === "" ? [] : lines.split("\n"));

export const termsOfName = ({ kind, id, name, also = [] }: Name, charactersMax?: number): Terms => {
  const isPerson = kind === "member";
  return termsOf({ name, isPerson, also: isPerson ? [id, ...also] : also }, charactersMax);
};

const toLines = (name: Name): Lines => {
  const { first, inside } = termsOfName(name);
  return { id: name.id, first: linesOf(first), inside: linesOf(inside) };
};

async function readStored(client: ClientBase, { organizationId, appId, kind }: Part, ids: readonly string[]) {
  const { rows } = await client.query<Lines>(
    `SELECT object_id AS id, first, inside FROM search_name
     WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND object_id = ANY ($4)`,
    [organizationId, appId, KINDS[kind], ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Deletes the terms of these objects. Two independent conditions: a join might read all of the app's terms. */
async function removeTerms(client: ClientBase, part: Part, stored: readonly Lines[]): Promise<void> {
  const { organizationId, appId, kind } = part;
  const ids = stored.map(({ id }) => id);
  // With statistics of an empty table, the planner would scan the whole table for each batch
  await client.query("SET LOCAL enable_seqscan = off");
  for (const place of ["first", "inside"] as const) {
    const terms = new Set(stored.flatMap((lines) => termsIn(lines[place])));
    await client.query(
      `DELETE FROM search_term
       WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND place = $4 AND term = ANY ($5) AND object_id = ANY ($6)`,
      [organizationId, appId, KINDS[kind], PLACES[place], [...terms], ids],
    );
  }
}

/**
 * Inserts the terms in one statement. ON CONFLICT isn't needed, because the writer holds a lock on the object's row.
 */
async function addTerms(client: ClientBase, part: Part, fresh: readonly Lines[]): Promise<void> {
  const { organizationId, appId, kind } = part;
  const rows = (["first", "inside"] as const).flatMap((place) => {
    const own = fresh.flatMap((lines) =>
      termsIn(lines[place]).map((term) => [PLACES[place], term, lines.id] as const),
    );
    // Key order keeps the writes to neighboring index pages together
    return own.sort(([, a], [, b]) => (a < b ? -1 : Number(a > b)));
  });
  await client.query(
    `INSERT INTO search_term (organization_id, app_id, kind, place, term, object_id)
     SELECT $1, $2, $3, place, term, id FROM unnest($4::smallint[], $5::text[], $6::text[]) AS row (place, term, id)
     ${NOTHING_CONFLICTS}`,
    [
      organizationId,
      appId,
      KINDS[kind],
      rows.map(([place]) => place),
      rows.map(([, term]) => term),
      rows.map(([, , id]) => id),
    ],
  );
  await writeLines(client, part, fresh);
}

async function writeLines(client: ClientBase, part: Part, fresh: readonly Lines[]): Promise<void> {
  const { organizationId, appId, kind } = part;
  await client.query(
    `INSERT INTO search_name (organization_id, app_id, kind, object_id, first, inside)
     SELECT $1, $2, $3, id, first, inside FROM unnest($4::text[], $5::text[], $6::text[]) AS row (id, first, inside)
     ON CONFLICT (organization_id, app_id, kind, object_id) DO UPDATE SET first = EXCLUDED.first, inside = EXCLUDED.inside`,
    [
      organizationId,
      appId,
      KINDS[kind],
      fresh.map(({ id }) => id),
      fresh.map(({ first }) => first),
      fresh.map(({ inside }) => inside),
    ],
  );
}

/** Computes terms, and yields regularly so that other requests and the running INSERT make progress. */
async function makeLines(names: readonly Name[]): Promise<Lines[]> {
  const lines = new Map<string, Lines>();
  for (const [index, name] of names.entries()) {
    if (index % NAMES_BETWEEN === 0) await setImmediate();
    lines.set(name.id, toLines(name));
  }
  return [...lines.values()];
}

/** Deletes the stored terms that differ. @returns the terms to insert */
async function removeChanged(client: ClientBase, part: Part, wanted: readonly Lines[]): Promise<Lines[]> {
  const stored = await readStored(
    client,
    part,
    wanted.map(({ id }) => id),
  );
  const changed = wanted.filter(({ id, first, inside }) => {
    const before = stored.get(id);
    return before?.first !== first || before.inside !== inside;
  });
  const replaced = changed.flatMap(({ id }) => stored.get(id) ?? []);
  if (replaced.length > 0) await removeTerms(client, part, replaced);
  return changed;
}

/** Updates the index after the rows, in the same unit of work. Removed objects stay indexed until they are erased. */
export async function indexNames(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  names: readonly Name[],
): Promise<void> {
  let writing = Promise.resolve();
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const part = { organizationId, appId, kind };
    const own = names.filter((name) => name.kind === kind);
    for (let start = 0; start < own.length; start += NAMES_AT_ONCE) {
      const wanted = await makeLines(own.slice(start, start + NAMES_AT_ONCE));
      await writing;
      const changed = await removeChanged(client, part, wanted);
      if (changed.length === 0) continue;
      writing = addTerms(client, part, changed);
      // Awaited before the next batch, or below
      writing.catch(() => {});
    }
  }
  await writing;
}

export async function isUnindexed(client: ClientBase, { organizationId, appId }: AppRef): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM search_name WHERE organization_id = $1 AND app_id = $2 LIMIT 1",
    [organizationId, appId],
  );
  return rowCount === 0;
}

/** Stores names of an app without an index. `writeTerms` makes them searchable after the last batch. */
export async function storeNames(client: ClientBase, app: AppRef, names: readonly Name[]): Promise<void> {
  for (const [kind, own] of Map.groupBy(names, (name) => name.kind))
    await writeLines(client, { ...app, kind }, await makeLines(own));
}

/** Writes the terms in key order, which is faster and makes the index 40 % smaller. */
export async function writeTerms(client: ClientBase, { organizationId, appId }: AppRef): Promise<void> {
  await client.query("SET LOCAL work_mem = '64MB'");
  for (const kind of Object.values(KINDS))
    for (const place of ["first", "inside"] as const)
      await client.query(
        `INSERT INTO search_term (organization_id, app_id, kind, place, term, object_id)
         SELECT n.organization_id, n.app_id, n.kind, ${PLACES[place]}, term, n.object_id
         FROM search_name n, unnest(string_to_array(n.${place}, E'\\n')) AS term
         WHERE n.organization_id = $1 AND n.app_id = $2 AND n.kind = ${kind}
         ORDER BY term COLLATE "C", n.object_id
         ${NOTHING_CONFLICTS}`,
        [organizationId, appId],
      );
}

export async function unindexNames(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  kind: Kind,
  ids: readonly string[],
): Promise<void> {
  const part = { organizationId, appId, kind };
  for (let start = 0; start < ids.length; start += NAMES_AT_ONCE) {
    const stored = [...(await readStored(client, part, ids.slice(start, start + NAMES_AT_ONCE))).values()];
    if (stored.length === 0) continue;
    await removeTerms(client, part, stored);
    await client.query(
      "DELETE FROM search_name WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND object_id = ANY ($4)",
      [organizationId, appId, KINDS[kind], stored.map(({ id }) => id)],
    );
  }
}

const TERMS_AT_ONCE = 50_000;

type Key = { readonly kind: number; readonly place: number; readonly term: string; readonly id: string };

const LAST_OF_BATCH = `
  SELECT kind, place, term, object_id AS id FROM search_term WHERE organization_id = $1::uuid AND app_id = $2::uuid
  ORDER BY kind, place, term, object_id OFFSET ${TERMS_AT_ONCE - 1} LIMIT 1`;

/** Deletes by a range of the key, because a join with the rows of a batch would read all of the app's terms each time. */
const DELETE = "DELETE FROM search_term WHERE organization_id = $1::uuid AND app_id = $2::uuid";
const UP_TO = "AND (kind, place, term, object_id) <= ($3::smallint, $4::smallint, $5::text, $6::text)";

/** Deletes one batch of a deleted app's terms. @returns whether more may be left */
export async function deleteTerms(work: Work, { organizationId, appId }: AppRef): Promise<boolean> {
  const scope = [organizationId, appId];
  const [last] = await runSql<Key>(work, LAST_OF_BATCH, scope);
  if (last) await runSql(work, `${DELETE} ${UP_TO}`, [...scope, last.kind, last.place, last.term, last.id]);
  else await runSql(work, DELETE, scope);
  return last !== undefined;
}
