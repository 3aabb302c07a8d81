import { useTranslations } from "next-intl";
import { StateBadge } from "@/app/_components/status/state-badge";
import type { ListedAttempt } from "@/lib/webhooks/delivery/attempts";
import classes from "./webhooks.module.css";

type Props = Pick<ListedAttempt, "status" | "failure">;

/** The outcome of an attempt in words, with the HTTP status or the reason why there is none. */
export function AttemptResult({ status, failure }: Props) {
  const t = useTranslations("webhooks");
  const isDelivered = status !== null && status >= 200 && status < 300;
  return (
    <>
      <StateBadge kind="attempt" state={isDelivered ? "delivered" : "failed"} />
      <span className={classes.dimmed}>
        {" "}
        {failure === null ? t("httpStatus", { status: String(status) }) : t(`failure.${failure}`)}
      </span>
    </>
  );
}
