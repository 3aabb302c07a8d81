import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { DateTime } from "@/app/_components/time/date-time";
import type { EgressBan } from "@/lib/limits/egress/queries";
import classes from "./notices.module.css";

const timeElement = (at: Date) => () => <DateTime at={at} isAbsolute />;

/** Says that DingTalk blocks this server's address. Shown to every organization, and not dismissible. */
export function EgressBanner({ ban }: { readonly ban: EgressBan }) {
  const t = useTranslations("notices");
  return (
    <div className={classes.banners}>
      <Notice tone="caution" title={t("banned")}>
        {t.rich("bannedHelp", { time: timeElement(ban.endsAt) })}
      </Notice>
    </div>
  );
}
