"use client";

import { IconExternalLink } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./connect.module.css";

/** A value to look up in DingTalk's console. */
export type ConsoleLocation = "credentials" | "corp" | "agent" | "suite" | "ticket" | "customer";

/** Menu paths in DingTalk's console: keys of `fault.place`. */
const MENU = {
  credentials: "P1",
  corp: "P0",
  agent: "P1",
  suite: "P8",
  ticket: "P6",
  customer: "P0",
} as const satisfies Record<ConsoleLocation, string>;

const CONSOLE_URL = "https://open-dev.dingtalk.com/";

function Steps({ location }: { readonly location: ConsoleLocation }) {
  const t = useTranslations("connect");
  const at = useTranslations("fault.place");
  return (
    <ol className={classes.steps}>
      <li>
        <a href={CONSOLE_URL} target="_blank" rel="noreferrer noopener" className={classes.outward}>
          {t("where1")}
          <IconExternalLink size={16} aria-label={t("newTab")} role="img" />
        </a>
      </li>
      <li>{at(MENU[location])}</li>
      <li>{t(`copy.${location}`)}</li>
    </ol>
  );
}

/** Shows beside the form where the focused field's value is in DingTalk's console. */
export function ConsoleSteps({ location }: { readonly location: ConsoleLocation }) {
  const t = useTranslations("connect");
  return (
    <aside className={classes.where} aria-label={t("whereTitle")}>
      <h2>{t("whereTitle")}</h2>
      <p className={classes.whereOf}>{t(`whereOf.${location}`)}</p>
      <Steps location={location} />
    </aside>
  );
}

/** Shows the steps below a field, on screens without room beside the form. */
export function FieldConsoleSteps({
  location,
  isOpen = false,
}: {
  readonly location: ConsoleLocation;
  readonly isOpen?: boolean;
}) {
  const t = useTranslations("connect");
  return (
    <details className={classes.fieldPlace} open={isOpen}>
      <summary>{t("whereTitle")}</summary>
      <Steps location={location} />
    </details>
  );
}
