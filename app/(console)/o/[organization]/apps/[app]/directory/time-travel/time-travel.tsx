"use client";

import { IconHistory } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { Link } from "@/app/_components/navigation/link";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { useTimeZone } from "@/app/_components/time/time-zone";
import type { PastRunPage, ShownPastRun } from "@/lib/directory/history/schema";
import classes from "../directory.module.css";
import { addressAt } from "../url-state";
import { TimeSelect } from "./time-select";

type Props = {
  readonly address: string;
  readonly page: PastRunPage;
  /** The run whose directory is shown; `null` for the present. */
  readonly at: ShownPastRun | null;
};

/** Set while a chosen time is loading. */
let isLoading = false;

/** Announces the new time and refocuses its field, which moves between present and past. */
function useTimeChange(at: ShownPastRun | null) {
  const t = useTranslations("directory");
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isLoading) return;
    isLoading = false;
    container.current?.querySelector("select")?.focus();
    const time = () => formatDateTime(at?.finishedAt ?? "", locale, timeZone);
    announce(at ? t.markup("past.viewing", { time, number: at.number }) : t("past.present"));
    // oxlint-disable-next-line react/exhaustive-deps -- only when the time changes
  }, [at?.id]);
  return container;
}

/** Selects the time of the directory, and marks the past as such. */
export function TimeTravel({ address, page, at }: Props) {
  const t = useTranslations("directory");
  const router = useRouter();
  const time = at && <ClientDateTime at={at.finishedAt} />;
  const newest = page.runs[0];
  const container = useTimeChange(at);
  const go = (run: string | null) => {
    isLoading = true;
    router.push(addressAt(address, run), { scroll: false });
  };
  const toNow = (event: { preventDefault(): void }) => {
    event.preventDefault();
    go(null);
  };
  return (
    <div ref={container} className={classes.time} data-past={at !== null || undefined}>
      {at && (
        <p className={classes.pastLine}>
          <IconHistory size={16} aria-hidden />
          <span>
            {t.rich("past.viewing", { time: () => time, number: at.number })}
            {" · "}
            <Link href={address} onNavigate={toNow}>
              {t("past.now")}
            </Link>
            {newest && newest.id !== at.id && (
              <>
                {" · "}
                <Link href={`${address}/compare?from=${at.id}&to=${newest.id}`}>{t("past.compare")}</Link>
              </>
            )}
          </span>
        </p>
      )}
      {!at && page.runs.length > 1 && <Link href={`${address}/compare`}>{t("compare.two")}</Link>}
      <TimeSelect
        label={t("past.time")}
        address={address}
        page={page}
        chosen={at}
        now={t("past.present")}
        onChoose={go}
      />
    </div>
  );
}
