import { getLocale } from "next-intl/server";
import { readGrowth } from "@/lib/directory/charts/read-growth";
import { readHeadcount } from "@/lib/directory/charts/read-headcount";
import { readChart } from "@/lib/directory/charts/read-org-chart";
import { chartQuery } from "@/lib/directory/charts/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns the data of a chart, for the whole directory or one department. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: chartQuery },
  async ({ actor, params, query: { kind, root } }): Promise<object> => {
    if (kind === "growth") return readGrowth(actor, params.app);
    const options = { root, locale: await getLocale() };
    return kind === "chart"
      ? readChart(actor, params.app, options)
      : readHeadcount(actor, params.app, options);
  },
);
