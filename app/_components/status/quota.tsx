import { getFormatter, getTranslations } from "next-intl/server";
import type { Quota } from "@/lib/calls/quota/quota";
import { Notice } from "../feedback/notice";
import { LinkButton } from "../navigation/link-button";
import { DateTime } from "../time/date-time";
import classes from "./quota.module.css";

type Props = { readonly quota: Quota };

const SMALL = 0.1;

async function shareOf({ charged, limit }: Quota): Promise<string> {
  const format = await getFormatter();
  const share = charged / limit;
  return format.number(share, { style: "percent", maximumFractionDigits: share < SMALL ? 1 : 0 });
}

/** The share of the month's calls used, in numbers and as a bar. */
async function QuotaBar({ quota }: Props) {
  const t = await getTranslations("quota");
  const { charged, limit, level } = quota;
  const used = Math.min(100, (charged / limit) * 100).toFixed(1);
  return (
    <>
      <p className={classes.used}>
        <strong>{t("used", { charged, limit })}</strong>
        <span>{await shareOf(quota)}</span>
      </p>
      <div
        className={classes.bar}
        data-level={level}
        style={{ backgroundSize: `${used}% 100%` }}
        aria-hidden
      />
    </>
  );
}

/** An app's calls this month: used, forecast, and calls that DingTalk doesn't charge. */
export async function QuotaFacts({ quota }: Props) {
  const t = await getTranslations("quota");
  const { forecast, free, throttled } = quota;
  return (
    <div className={classes.facts}>
      <QuotaBar quota={quota} />
      <p>{`${t("forecast", { n: forecast })} · ${t("free", { n: free })} · ${t("throttled", { n: throttled })}`}</p>
    </div>
  );
}

type NoticeProps = Props & {
  /** Address of the app's settings; `null` without permission. */
  readonly settings: string | null;
  /** The app's name, on a page with several apps. */
  readonly name?: string;
};

/** Warns from 80 % of the month's calls on, with the forecast and a link to the settings. */
export async function QuotaNotice({ quota, settings, name }: NoticeProps) {
  const t = await getTranslations("quota");
  const { level, charged, limit, forecast, endsAt } = quota;
  if (level === "fine") return null;
  const isStopped = level === "stopped";
  const percent = await shareOf(quota);
  return (
    <Notice
      tone={isStopped ? "danger" : "caution"}
      title={
        name === undefined
          ? t(`is.${level}`, { percent })
          : `${name}${t("colon")}${t(`is.${level}`, { percent })}`
      }
      actions={
        settings && (
          <LinkButton href={settings} variant="default">
            {t("toSettings")}
          </LinkButton>
        )
      }
    >
      {isStopped ? t("stoppedHelp") : `${t("used", { charged, limit })} · ${t("forecast", { n: forecast })}`}
      <br />
      {t("anew")} <DateTime at={endsAt} isAbsolute />
    </Notice>
  );
}
