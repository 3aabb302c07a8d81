import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { DateTime } from "@/app/_components/time/date-time";
import type { EgressBan } from "@/lib/limits/egress/queries";
import classes from "./notices.module.css";

const momentOf = (at: Date) => () => <DateTime at={at} isAbsolute />;

/** That DingTalk answers nobody at this server's address: every organization's to know, and nobody's to put away. */
export function EgressBanner({ ban }: { readonly ban: EgressBan }) {
  const t = useTranslations("notices");
  return (
    <div className={classes.banners}>
      <Notice tone="caution" title={t("banned")}>
        {t.rich("bannedHelp", { time: momentOf(ban.endsAt) })}
      </Notice>
    </div>
  );
}
