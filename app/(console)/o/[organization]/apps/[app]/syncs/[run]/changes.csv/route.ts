import { getTranslations } from "next-intl/server";
import { type CsvWords, changesCsv } from "@/lib/directory/changes/changes-csv";
import { changesQuery } from "@/lib/directory/changes/shown-change";
import { openStream } from "@/lib/directory/open-stream";
import { defineDownload } from "@/lib/http/define-download";

const COLUMNS = [
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

async function wordsOf(): Promise<CsvWords> {
  const t = await getTranslations("sync");
  return {
    columns: COLUMNS.map((column) => t(`changes.csvColumn.${column}`)),
    object: (object) => t(`changes.${object}`),
    kind: (kind) => t(`changes.kindOf.${kind}`),
    field: (field) => (t.has(`field.${field}` as "field.name") ? t(`field.${field}` as "field.name") : field),
    yes: t("changes.yes"),
    no: t("changes.no"),
    reason: (reason) => t(`changes.reason.${reason}`),
    outcome: (outcome) => t(`changes.outcome.${outcome}`),
  };
}

/** A run's changes as a file, those that the address names. */
export const GET = defineDownload(
  { permission: "directory.read", query: changesQuery, params: ["run"] },
  async ({ actor, app, params, query, userId, confirm }) => {
    const ref = { appId: app, runId: params.run };
    const file = changesCsv(actor, ref, { query, words: await wordsOf() });
    const { batches, leave } = await openStream({ id: userId, confirm }, file);
    return { batches, leave, name: "changes.csv", contentType: "text/csv; charset=utf-8" };
  },
);
