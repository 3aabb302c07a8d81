"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Link } from "@/app/_components/navigation/link";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import type { ShownNotice } from "./load-notices";
import { APPEARANCE, NoticeSentence, useMarkNoticesSeen } from "./notice-parts";
import classes from "./notices.module.css";

/** More would push the page out of view. The bell lists all. */
const SHOWN_MAX = 2;

type Props = { readonly organization: string; readonly items: readonly ShownNotice[] };

/** Unseen notices about current problems, above the page. */
export function NoticeBanner({ organization, items }: Props) {
  const t = useTranslations("notices");
  const { markSeen } = useMarkNoticesSeen(organization);
  // The overview and the app's page already show held runs.
  const unseen = items.filter(
    ({ state, endedAt, isSeen }) => state !== "held" && endedAt === null && !isSeen,
  );
  const rest = unseen.length - SHOWN_MAX;
  if (unseen.length === 0) return null;
  return (
    <section aria-label={t("title")} className={classes.banners}>
      {unseen.slice(0, SHOWN_MAX).map((notice) => {
        const { id, path, name, state, reason, since } = notice;
        const [tone, Icon] = APPEARANCE[state];
        return (
          <div key={id} className={classes.banner} data-tone={tone}>
            <Icon size={20} aria-hidden className={classes.icon} />
            <p>
              <strong>
                <NoticeSentence notice={notice} />
              </strong>{" "}
              {reason && <>· {reason} </>}
              <span className={classes.since}>
                · {t("since")} <ClientDateTime at={since} />
              </span>
            </p>
            <div className={classes.actions}>
              <Link href={`/o/${organization}/${path}`} onClick={() => markSeen(id)}>
                {t("see")}
                <span className="visually-hidden"> {name}</span>
              </Link>
              <Button variant="subtle" color="gray" size="compact-sm" onClick={() => markSeen(id)}>
                {t("gotIt")}
                <span className="visually-hidden"> {name}</span>
              </Button>
            </div>
          </div>
        );
      })}
      {rest > 0 && <p className={classes.rest}>{t("more", { n: rest })}</p>}
    </section>
  );
}
