import { getLocale } from "next-intl/server";
import { type SearchAnswer, searchQuery } from "@/lib/directory/search/schema";
import { searchDirectory } from "@/lib/directory/search/search-directory";
import { defineRead } from "@/lib/http/define-read";

/** Searches departments and members, and returns their paths. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: searchQuery },
  async ({ actor, params, query: { q, removed, limit } }): Promise<SearchAnswer> => {
    const found = await searchDirectory(actor, params.app, q, {
      locale: await getLocale(),
      includeRemoved: removed === "1",
      ...(limit && { limitEach: limit }),
    });
    return found.ok ? found.value : { outcome: found.error };
  },
);
