import { useTranslations } from "next-intl";
import { EVENT_TYPES } from "@/lib/events/event-states";
import classes from "./events.module.css";

/** An event's type in words, with DingTalk's name. */
export function EventType({ type }: { readonly type: string }) {
  const t = useTranslations("events.type");
  const known = EVENT_TYPES.find((one) => one === type);
  return (
    <>
      {known && <>{t(known)} </>}
      <code className={known && classes.dimmed}>{type}</code>
    </>
  );
}
