import { getTranslations } from "next-intl/server";
import { grantIfAllowed } from "@/lib/auth/actor";
import { exportDirectory } from "@/lib/directory/export/export-directory";
import { exportQuery } from "@/lib/directory/export/schema";
import { openStream } from "@/lib/directory/stream-limit";
import { defineDownload } from "@/lib/http/define-download";

const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

/** Downloads departments or members as CSV or ndjson. */
export const GET = defineDownload(
  { permission: "directory.read", query: exportQuery },
  async ({ actor, app, query, userId, confirm }) => {
    const t = await getTranslations("export");
    const personal = grantIfAllowed(actor, "directory.readPersonal") ?? "masked";
    const titleOf = (column: string) => t(`column.${column}` as never);
    const file = exportDirectory(actor, app, { ...query, personal, titleOf });
    const { batches, release } = await openStream(
      { organizationId: actor.organizationId, id: userId, confirm },
      file,
    );
    const { what, format } = query;
    return { batches, release, name: `${what}.${format}`, contentType: CONTENT_TYPES[format] };
  },
);
