import { getTranslations } from "next-intl/server";
import { DateTime } from "@/app/_components/time/date-time";

/** Says when DingTalk last delivered a third-party app's suite ticket. */
export async function SuiteTicketAge({ at }: { readonly at: Date | null }) {
  const t = await getTranslations("connect");
  return at ? t.rich("ticketCame", { time: () => <DateTime at={at} isAbsolute /> }) : t("noTicket");
}
