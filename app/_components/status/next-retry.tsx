import { getTranslations } from "next-intl/server";
import { Moment } from "../time/date-time";

type Props = {
  /** When the schedule starts the next run, if it ever does. */ readonly at: Date | null;
};

/** Whether a run that failed is made up for by itself. */
export async function NextTry({ at }: Props) {
  const t = await getTranslations("sync");
  if (!at) return t("retryNever");
  return t.rich("retryAt", { time: () => <Moment at={at} /> });
}
