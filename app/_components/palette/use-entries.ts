"use client";

import { useMantineColorScheme } from "@mantine/core";
import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { type SearchState, useDirectorySearch } from "../data/use-directory-search";
import type { ConsoleOrganization, ConsoleUser } from "../shell/frame-types";
import { openApp } from "../shell/nav-entries";
import type { PaletteEntry } from "./entry";
import { makeEntries } from "./make-entries";
import { matchesQuery } from "./match-query";
import { RESULTS_MAX, type SearchResult, toSearchResults } from "./search-results";

const PATH_SEPARATOR = " › ";

function addressOf({ kind, id, departmentId }: SearchResult): string {
  const query = new URLSearchParams();
  if (departmentId !== null) query.set("node", departmentId);
  if (kind === "member") query.set("member", id);
  return query.toString();
}

function foundEntries(searching: SearchState, address: string, nameless: string): PaletteEntry[] {
  const answer = "answer" in searching ? searching.answer : null;
  if (!answer) return [];
  return toSearchResults(answer.found).map((row) => ({
    id: `${row.kind}-${row.id}`,
    group: "departments",
    label: row.name.trim() === "" ? nameless : row.name,
    detail: row.path.join(PATH_SEPARATOR),
    action: { type: "open", href: `${address}?${addressOf(row)}` },
  }));
}

/** The palette's entries for the typed text, with departments and people of the open app from the server. */
export function useEntries(organization: ConsoleOrganization | undefined, user: ConsoleUser) {
  const t = useTranslations();
  const locale = useLocale();
  const path = usePathname();
  const { colorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState("");
  const app = organization && openApp(path, organization);
  const address = app ? `/o/${organization.publicId}/apps/${app.id}/directory` : "";
  const { state: searching, search } = useDirectorySearch(address, RESULTS_MAX);

  const own = useMemo(
    () => makeEntries({ organization, user, path, locale, scheme: colorScheme, translate: t as never }),
    [organization, user, path, locale, colorScheme, t],
  );
  const entries = useMemo(() => {
    const hasQuery = query.trim() !== "";
    const meant = own.filter(
      (entry) => (hasQuery || !entry.isHiddenUntilTyped) && matchesQuery(entry, query),
    );
    return meant.concat(foundEntries(searching, address, t("palette.nameless")));
  }, [own, query, searching, address, t]);

  const statusText = () => {
    if (searching.status === "failed")
      return searching.code === "too_slow" ? t("palette.tooSlow") : t(`error.${searching.code}`);
    if (searching.status === "searching") return t("palette.searching");
    return entries.length === 0 ? t("palette.none") : "";
  };
  return {
    entries,
    query,
    status: statusText(),
    setQuery: (typed: string) => {
      setQuery(typed);
      if (app) search(typed);
    },
  };
}
