"use client";

import { NativeSelect } from "@mantine/core";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { announce } from "@/app/_components/feedback/announce";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { useTimeZone } from "@/app/_components/time/time-zone";
import type { PastRunPage, ShownPastRun } from "@/lib/directory/history/schema";

/** What stands for the older syncs, which are not read before somebody asks for them. */
const OLDER = "older";

type Props = {
  readonly label: string;
  /** The directory's own address. */
  readonly address: string;
  /** The newest syncs that changed something. */
  readonly page: PastRunPage;
  /** The chosen one, wherever it stands; `null`: now. */
  readonly chosen: ShownPastRun | null;
  /** What choosing none is called; left out where one has to be chosen. */
  readonly now?: string;
  readonly onChoose: (run: string | null) => void;
};

/** A point in the directory's past: the syncs that changed something, the newest first. */
export function TimeSelect({ label, address, page, chosen, now, onChoose }: Props) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  const [{ runs, older }, setPage] = useState(page);
  const isListed = chosen === null || runs.some(({ id }) => id === chosen.id);
  const listed = isListed ? runs : [...runs, chosen].sort((a, b) => b.number - a.number);

  const readOlder = async (before: number) => {
    try {
      const more = await fetchJson<PastRunPage>(`${address}/time-travel/runs`, { before: String(before) });
      setPage({ runs: [...runs, ...more.runs], older: more.older });
      announce(t("past.olderRead", { n: more.runs.length }));
    } catch {
      announce(error("internal"));
    }
  };
  const choose = (value: string) => {
    if (value === OLDER) void (older !== null && readOlder(older));
    else onChoose(value === "" ? null : value);
  };
  return (
    <NativeSelect
      label={label}
      value={chosen?.id ?? ""}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[
        ...(now === undefined ? [] : [{ value: "", label: now }]),
        ...listed.map(({ id, number, finishedAt }) => ({
          value: id,
          label: `${formatDateTime(finishedAt, locale, timeZone)} · #${number}`,
        })),
        ...(older === null ? [] : [{ value: OLDER, label: t("past.older") }]),
      ]}
    />
  );
}
