"use client";

import { IconHistory } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import type { PastRunPage, ShownPastRun } from "@/lib/directory/past/schema";
import { MomentView } from "../../../../../../_components/moment-view";
import classes from "./directory.module.css";
import { TimeSelect } from "./time-select";

type Props = {
  readonly address: string;
  readonly page: PastRunPage;
  /** After which the directory is looked at; `null`: now. */
  readonly at: ShownPastRun | null;
};

/** The page's address in another time, with what is selected; what is searched for is the present's. */
function addressAt(address: string, run: string | null): string {
  const query = new URLSearchParams(location.search);
  query.delete("q");
  if (run === null) query.delete("at");
  else query.set("at", run);
  return query.size > 0 ? `${address}?${query}` : address;
}

/** Which time the directory is looked at, and, in the past, that it is the past. */
export function TimeTravel({ address, page, at }: Props) {
  const t = useTranslations("directory");
  const router = useRouter();
  const time = at && <MomentView at={at.finishedAt} />;
  const newest = page.runs[0];
  return (
    <div className={classes.time} data-past={at !== null || undefined}>
      {at && (
        <p className={classes.pastLine}>
          <IconHistory size={16} aria-hidden />
          <span>
            {t.rich("past.viewing", { time: () => time, number: at.number })}
            {" · "}
            <Link href={address}>{t("past.now")}</Link>
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
        onChoose={(run) => router.push(addressAt(address, run), { scroll: false })}
      />
    </div>
  );
}
