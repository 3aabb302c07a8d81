"use client";

import { useTranslations } from "next-intl";
import { createContext, type ReactNode, use } from "react";
import { DEFAULT_TIME_ZONE } from "@/lib/i18n/time-zones";
import classes from "./time.module.css";

type Zone = {
  readonly timeZone: string;
  /** As a person reads it, written by the server: browsers know other names for some zones. */
  readonly text: string;
};

const TimeZoneContext = createContext<Zone>({ timeZone: DEFAULT_TIME_ZONE, text: DEFAULT_TIME_ZONE });

type Props = { readonly zone: Zone; readonly children: ReactNode };

export const TimeZoneContextProvider = ({ zone, children }: Props) => (
  <TimeZoneContext value={zone}>{children}</TimeZoneContext>
);

/** The zone that the times of this page are in. */
export const useTimeZone = (): Zone => use(TimeZoneContext);

/** Names the zone: once, at the head of a page or a table that has times. */
export function TimeZoneNote() {
  const t = useTranslations("time");
  const { text } = useTimeZone();
  return <p className={classes.zone}>{t("zone", { zone: text })}</p>;
}
