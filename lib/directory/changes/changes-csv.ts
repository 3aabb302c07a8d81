import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { BYTE_ORDER_MARK, csvLine } from "../csv";
import { listChanges, type PlanRef } from "./list-changes";
import type { ChangesQuery, ShownChange, ShownField, ShownValue } from "./schema";

/** The columns, in the order of the cells. */
export const CSV_COLUMNS = [
  "number",
  "object",
  "kind",
  "name",
  "id",
  "path",
  "field",
  "before",
  "after",
  "reason",
  "outcome",
] as const;

export type CsvWords = {
  readonly columns: readonly string[];
  readonly object: (object: ShownChange["object"]) => string;
  readonly kind: (kind: ShownChange["kind"]) => string;
  readonly field: (field: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly reason: (reason: NonNullable<ShownChange["reason"]>) => string;
  readonly outcome: (outcome: NonNullable<ShownChange["outcome"]>) => string;
};

const pathText = (path: readonly string[]) => path.join(" › ");

function textOf(value: ShownValue, { yes, no }: CsvWords): string | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? yes : no;
  return value.paths.map(pathText).join("; ");
}

function cellsOf(change: ShownChange, field: ShownField | null, words: CsvWords): (string | null)[] {
  const { number, object, kind, name, id, path, reason, outcome } = change;
  const place = field?.department ?? null;
  const label = field && words.field(field.field);
  return [
    String(number),
    words.object(object),
    words.kind(kind),
    name,
    id,
    pathText(path),
    label !== null && place !== null ? `${label} (${place})` : label,
    field && textOf(field.before, words),
    field && textOf(field.after, words),
    reason && words.reason(reason),
    outcome && words.outcome(outcome),
  ];
}

const PART_MS = 10_000;

/**
 * Streams a run's changes as CSV, one line per changed field.
 * @throws {AppError} `not_found`; `unavailable` when a part exceeds its time limit
 */
export async function* changesCsv(
  actor: Actor<"directory.read">,
  ref: PlanRef,
  { query, words }: { readonly query: ChangesQuery; readonly words: CsvWords },
): AsyncGenerator<string> {
  let after: number | undefined;
  for (let isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const listed = await listChanges(actor, ref, { ...query, before: undefined, after }, PART_MS);
    if (!listed.ok) throw new AppError("unavailable", "reading a part of the plan timed out");
    const lines = listed.value.changes.flatMap((change) =>
      (change.fields.length > 0 ? change.fields : [null]).map((field) =>
        csvLine(cellsOf(change, field, words)),
      ),
    );
    yield (isFirst ? BYTE_ORDER_MARK + csvLine(words.columns) : "") + lines.join("");
    after = listed.value.next ?? undefined;
  }
}
