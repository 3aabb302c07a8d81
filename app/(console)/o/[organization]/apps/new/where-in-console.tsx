"use client";

import { useTranslations } from "next-intl";
import classes from "./connect.module.css";

/** Which value's place is shown. */
export type Place = "name" | "credentials" | "corp" | "agent";

const CONSOLE_URL = "https://open-dev.dingtalk.com/";

type Props = { readonly place: Place; readonly egress: readonly string[] };

/** Beside the form: where in DingTalk's console the value of the focused field is, and the two traps. */
export function WhereInConsole({ place, egress }: Props) {
  const t = useTranslations("app");
  const at = useTranslations("fault.place");
  const lines = {
    name: t("whereName"),
    credentials: t("whereCredentials", { place: at("P1") }),
    corp: t("whereCorp", { place: at("P0") }),
    agent: t("whereAgent", { place: at("P1") }),
  } as const;
  return (
    <aside className={classes.where} aria-label={t("whereTitle")}>
      <h2>{t("whereTitle")}</h2>
      <ol>
        <li>
          <a href={CONSOLE_URL} target="_blank" rel="noreferrer noopener">
            {t("where1")}
          </a>
        </li>
        <li aria-live="polite">{lines[place]}</li>
        <li>{t("releaseWhere", { place: at("P5") })}</li>
        {egress.length > 0 && (
          <li>
            {t("allow", { addresses: egress.join(", ") })} {t("allowWhere", { place: at("P4") })}
          </li>
        )}
      </ol>
    </aside>
  );
}
