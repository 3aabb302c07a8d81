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

const ZoneContext = createContext<Zone>({ timeZone: DEFAULT_TIME_ZONE, text: DEFAULT_TIME_ZONE });

type Props = { readonly zone: Zone; readonly children: ReactNode };

export const TimeZoneContext = ({ zone, children }: Props) => (
  <ZoneContext value={zone}>{children}</ZoneContext>
);

/** The zone that the times of this page are in. */
export const useZone = (): Zone => use(ZoneContext);

/** Names the zone: once, at the head of a page or a table that has times. */
export function ZoneLine() {
  const t = useTranslations("time");
  const { text } = useZone();
  return <p className={classes.zone}>{t("zone", { zone: text })}</p>;
}
