"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import type { PastRunPage, ShownPastRun } from "@/lib/directory/history/schema";
import { TimeSelect } from "../time-travel/time-select";
import classes from "./compare.module.css";

type Props = {
  /** Address of the directory page. */
  readonly address: string;
  readonly page: PastRunPage;
  readonly from: ShownPastRun;
  readonly to: ShownPastRun;
};

/** Selects the two times to compare. */
export function CompareTimes({ address, page, from, to }: Props) {
  const t = useTranslations("directory.compare");
  const router = useRouter();
  const choose = (change: { readonly from?: string; readonly to?: string }) => {
    const query = new URLSearchParams({ from: from.id, to: to.id, ...change });
    router.push(`${address}/compare?${query}`, { scroll: false });
  };
  return (
    <div className={classes.times} role="group" aria-label={t("times")}>
      <TimeSelect
        label={t("from")}
        address={address}
        page={page}
        chosen={from}
        onChoose={(run) => run !== null && choose({ from: run })}
      />
      <TimeSelect
        label={t("to")}
        address={address}
        page={page}
        chosen={to}
        onChoose={(run) => run !== null && choose({ to: run })}
      />
    </div>
  );
}
