import { getLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { describeTimeZone } from "@/lib/i18n/time-zones";
import { TimeZoneContextProvider } from "./time-zone";

type Props = {
  /** An IANA zone: the organization's. */
  readonly timeZone: string;
  readonly children: ReactNode;
};

/** Every time below is written in that zone. */
export async function TimeZoneProvider({ timeZone, children }: Props) {
  const { text } = describeTimeZone(await getLocale(), timeZone);
  return <TimeZoneContextProvider zone={{ timeZone, text }}>{children}</TimeZoneContextProvider>;
}
