import { setImmediate } from "node:timers/promises";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { type Terms, termsOf } from "./terms";

/** What is searched for, as `search_term.kind` has it. */
export const KINDS = { department: 1, member: 2 } as const;
export type Kind = keyof typeof KINDS;

/** Where in a name a term begins, as `search_term.place` has it. */
export const PLACES = { first: 0, inside: 1 } as const;

/** Names of one statement: some megabytes of terms. */
const NAMES_AT_ONCE = 2_000;
/** A millisecond or two of work. */
const NAMES_BETWEEN = 100;

export type Name = {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  /** Found from its beginning only: a job number. A member's id is found so without being named. */
  readonly also?: readonly string[] | undefined;
};

/** A name's terms as its row keeps them: a line each, for no term has more than one. */
type Lines = { readonly id: string; readonly first: string; readonly inside: string };

type Part = AppRef & { readonly kind: Kind };

const linesOf = (terms: ReadonlySet<string>) => [...terms].join("\n");
const termsIn = (lines: string) => (lines === "" ? [] : lines.split("\n"));

/** What finds an object. */
export const termsOfName = ({ kind, id, name, also = [] }: Name, charactersMax?: number): Terms => {
  const isPerson = kind === "member";
  return termsOf({ name, isPerson, also: isPerson ? [id, ...also] : also }, charactersMax);
};

const toLines = (name: Name): Lines => {
  const { first, inside } = termsOfName(name);
  return { id: name.id, first: linesOf(first), inside: linesOf(inside) };
};

async function readHeld(client: ClientBase, { organizationId, appId, kind }: Part, ids: readonly string[]) {
  const { rows } = await client.query<Lines>(
    `SELECT object_id AS id, first, inside FROM search_name
     WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND object_id = ANY ($4)`,
    [organizationId, appId, KINDS[kind], ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Takes the terms of these objects away. The conditions stand beside each other, and not in a join: what they let
 * through belongs to one of the objects whatever the pairing, and no plan of a join reads all of an app's terms.
 */
async function removeTerms(client: ClientBase, part: Part, held: readonly Lines[]): Promise<void> {
  const { organizationId, appId, kind } = part;
  const ids = held.map(({ id }) => id);
  // Where the table was empty when its statistics were made, it would be read whole for each batch
  await client.query("SET LOCAL enable_seqscan = off");
  for (const place of ["first", "inside"] as const) {
    const terms = new Set(held.flatMap((lines) => termsIn(lines[place])));
    await client.query(
      `DELETE FROM search_term
       WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND place = $4 AND term = ANY ($5) AND object_id = ANY ($6)`,
      [organizationId, appId, KINDS[kind], PLACES[place], [...terms], ids],
    );
  }
}

/**
 * All of them in one statement. Without ON CONFLICT, which made a row cost half as much again: whoever writes the terms of
 * an object holds its row, and has taken away what it had before.
 */
async function addTerms(client: ClientBase, part: Part, fresh: readonly Lines[]): Promise<void> {
  const { organizationId, appId, kind } = part;
  const rows = (["first", "inside"] as const).flatMap((place) => {
    const own = fresh.flatMap((lines) =>
      termsIn(lines[place]).map((term) => [PLACES[place], term, lines.id] as const),
    );
    // In the order of the key, so that what lies together is written together
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

/** Makes the terms, and lets others have the thread now and then: the database too, which is at work at the last ones. */
async function makeLines(names: readonly Name[]): Promise<Lines[]> {
  const lines = new Map<string, Lines>();
  for (const [index, name] of names.entries()) {
    if (index % NAMES_BETWEEN === 0) await setImmediate();
    lines.set(name.id, toLines(name));
  }
  return [...lines.values()];
}

/** Takes away what differs. @returns what is to be written in its place */
async function removeChanged(client: ClientBase, part: Part, wanted: readonly Lines[]): Promise<Lines[]> {
  const held = await readHeld(
    client,
    part,
    wanted.map(({ id }) => id),
  );
  const changed = wanted.filter(({ id, first, inside }) => {
    const before = held.get(id);
    return before?.first !== first || before.inside !== inside;
  });
  const replaced = changed.flatMap(({ id }) => held.get(id) ?? []);
  if (replaced.length > 0) await removeTerms(client, part, replaced);
  return changed;
}

/**
 * Makes these objects be found by their present names, and by nothing else. To be called in the unit of work that
 * writes the names, after their rows, and with removed objects too: only what is erased is taken out of the index.
 */
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
      // It is waited for above the next time, or below
      writing.catch(() => {});
    }
  }
  await writing;
}

/** Whether nothing of an app is indexed yet. */
export async function isUnindexed(client: ClientBase, { organizationId, appId }: AppRef): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM search_name WHERE organization_id = $1 AND app_id = $2 LIMIT 1",
    [organizationId, appId],
  );
  return rowCount === 0;
}

/** Names of an app of which nothing is indexed yet. They are found when `writeTerms` has followed the last of them. */
export async function noteNames(client: ClientBase, app: AppRef, names: readonly Name[]): Promise<void> {
  for (const [kind, own] of Map.groupBy(names, (name) => name.kind))
    await writeLines(client, { ...app, kind }, await makeLines(own));
}

/**
 * Writes the terms of all names that were noted, in the order of the key: in three quarters of the time that the order of
 * the names takes, with three fifths of the index.
 */
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

/** Makes these objects be found no more: nothing of their names stays in the index. */
export async function unindexNames(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  kind: Kind,
  ids: readonly string[],
): Promise<void> {
  const part = { organizationId, appId, kind };
  for (let start = 0; start < ids.length; start += NAMES_AT_ONCE) {
    const held = [...(await readHeld(client, part, ids.slice(start, start + NAMES_AT_ONCE))).values()];
    if (held.length === 0) continue;
    await removeTerms(client, part, held);
    await client.query(
      "DELETE FROM search_name WHERE organization_id = $1 AND app_id = $2 AND kind = $3 AND object_id = ANY ($4)",
      [organizationId, appId, KINDS[kind], held.map(({ id }) => id)],
    );
  }
}
