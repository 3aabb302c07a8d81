"use client";

import { NativeSelect } from "@mantine/core";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { announce } from "@/app/_components/feedback/announce";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { useTimeZone } from "@/app/_components/time/time-zone";
import type { PastRunPage, ShownPastRun } from "@/lib/directory/history/schema";

/** Option that loads older runs. */
const OLDER = "older";

type Props = {
  readonly label: string;
  /** Address of the directory page. */
  readonly address: string;
  /** The newest runs with changes. */
  readonly page: PastRunPage;
  /** The chosen run, even if it is not in `page`; `null` for the present. */
  readonly chosen: ShownPastRun | null;
  /** Label of the option for the present. Without it, a run must be chosen. */
  readonly now?: string;
  readonly onChoose: (run: string | null) => void;
};

/** Selects a run with changes, newest first. */
export function TimeSelect({ label, address, page, chosen, now, onChoose }: Props) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  const [{ runs, older }, setPage] = useState(page);
  const isListed = chosen === null || runs.some(({ id }) => id === chosen.id);
  const listed = isListed ? runs : [...runs, chosen].sort((a, b) => b.number - a.number);

  const readOlder = async (before: string) => {
    try {
      const more = await fetchJson<PastRunPage>(`${address}/time-travel/runs`, { before });
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
