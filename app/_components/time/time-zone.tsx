"use client";

import { useTranslations } from "next-intl";
import { createContext, type ReactNode, use } from "react";
import { DEFAULT_TIME_ZONE } from "@/lib/i18n/time-zones";
import classes from "./time.module.css";

type Zone = {
  readonly timeZone: string;
  /** Display name from the server, because browsers name some zones differently. */
  readonly text: string;
};

const TimeZoneContext = createContext<Zone>({ timeZone: DEFAULT_TIME_ZONE, text: DEFAULT_TIME_ZONE });

type Props = { readonly zone: Zone; readonly children: ReactNode };

export const TimeZoneContextProvider = ({ zone, children }: Props) => (
  <TimeZoneContext value={zone}>{children}</TimeZoneContext>
);

/** Returns the time zone of the page's times. */
export const useTimeZone = (): Zone => use(TimeZoneContext);

/** Names the time zone once, above a page's or table's times. */
export function TimeZoneNote() {
  const t = useTranslations("time");
  const { text } = useTimeZone();
  return <p className={classes.zone}>{t("zone", { zone: text })}</p>;
}
