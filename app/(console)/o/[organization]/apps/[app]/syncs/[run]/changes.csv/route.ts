import { getTranslations } from "next-intl/server";
import { CSV_COLUMNS, type CsvWords, changesCsv } from "@/lib/directory/changes/changes-csv";
import { changesQuery } from "@/lib/directory/changes/schema";
import { openStream } from "@/lib/directory/stream-limit";
import { defineDownload } from "@/lib/http/define-download";

async function wordsOf(): Promise<CsvWords> {
  const t = await getTranslations("changes");
  return {
    columns: CSV_COLUMNS.map((column) => t(`csvColumn.${column}`)),
    object: (object) => t(object),
    kind: (kind) => t(`kindOf.${kind}`),
    field: (field) => (t.has(`field.${field}` as "field.name") ? t(`field.${field}` as "field.name") : field),
    yes: t("yes"),
    no: t("no"),
    reason: (reason) => t(`reason.${reason}`),
    outcome: (outcome) => t(`outcome.${outcome}`),
  };
}

/** Downloads a run's changes, filtered by the query, as CSV. */
export const GET = defineDownload(
  { permission: "directory.read", query: changesQuery, params: ["run"] },
  async ({ actor, app, params, query, userId, confirm }) => {
    const ref = { appId: app, runId: params.run };
    const file = changesCsv(actor, ref, { query, words: await wordsOf() });
    const { batches, release } = await openStream(
      { organizationId: actor.organizationId, id: userId, confirm },
      file,
    );
    return { batches, release, name: "changes.csv", contentType: "text/csv; charset=utf-8" };
  },
);
