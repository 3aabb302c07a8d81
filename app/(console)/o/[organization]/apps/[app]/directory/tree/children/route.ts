import { getLocale } from "next-intl/server";
import { listChildren } from "@/lib/directory/tree/list-children";
import { childrenQuery } from "@/lib/directory/tree/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns a page of a department's children. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: childrenQuery },
  async ({ actor, params, query }) =>
    listChildren(actor, params.app, { ...query, locale: await getLocale() }),
);
