import { getLocale } from "next-intl/server";
import { listChildren } from "@/lib/directory/tree/list-children";
import { childrenQuery } from "@/lib/directory/tree/schema";
import { defineRead } from "@/lib/http/define-read";

/** A page of a department's children: read when its row is opened. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: childrenQuery },
  async ({ actor, params, query }) =>
    listChildren(actor, params.app, { ...query, locale: await getLocale() }),
);
