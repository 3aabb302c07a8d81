import { getTranslations } from "next-intl/server";
import { Moment } from "@/app/_components/time/date-time";

/** When a third-party app's suite ticket came. */
export async function TicketLine({ at }: { readonly at: Date | null }) {
  const t = await getTranslations("connect");
  return at ? t.rich("ticketCame", { time: () => <Moment at={at} isAbsolute /> }) : t("noTicket");
}
