import { getLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { describeTimeZone } from "@/lib/i18n/time-zones";
import { TimeZoneContext } from "./time-zone";

type Props = {
  /** An IANA zone: the organization's. */
  readonly timeZone: string;
  readonly children: ReactNode;
};

/** Every time below is written in that zone. */
export async function TimesIn({ timeZone, children }: Props) {
  const { text } = describeTimeZone(await getLocale(), timeZone);
  return <TimeZoneContext zone={{ timeZone, text }}>{children}</TimeZoneContext>;
}
