import { getLocale } from "next-intl/server";
import { type SearchAnswer, searchQuery } from "@/lib/directory/tree/schema";
import { searchDepartments } from "@/lib/directory/tree/search-departments";
import { defineRead } from "@/lib/http/define-read";

/** The departments that a typed text finds, with the path to each. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: searchQuery },
  async ({ actor, params, query }): Promise<SearchAnswer> => {
    const found = await searchDepartments(actor, params.app, query.q, { locale: await getLocale() });
    return found.ok ? found.value : { outcome: found.error };
  },
);
