import { getLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { describeTimeZone } from "@/lib/i18n/time-zones";
import { TimeZoneContextProvider } from "./time-zone";

type Props = {
  /** IANA time zone. */
  readonly timeZone: string;
  readonly children: ReactNode;
};

/** Sets the time zone of all times below it. */
export async function TimeZoneProvider({ timeZone, children }: Props) {
  const { text } = describeTimeZone(await getLocale(), timeZone);
  return <TimeZoneContextProvider zone={{ timeZone, text }}>{children}</TimeZoneContextProvider>;
}
