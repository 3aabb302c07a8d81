import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconKey,
  IconRefresh,
} from "@tabler/icons-react";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/app/_components/page/card";
import { DateTime } from "@/app/_components/time/date-time";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { faultWords } from "@/lib/i18n/fault-words";
import type { TokenEvent } from "@/lib/tokens/history/token-events";
import classes from "./token.module.css";

const APPEARANCE = {
  obtained: ["positive", IconKey],
  renewed: ["positive", IconCircleCheck],
  unchanged: ["neutral", IconCircleMinus],
  failed: ["danger", IconAlertTriangle],
  invalidated: ["caution", IconRefresh],
} as const;

async function Event({ event }: { readonly event: TokenEvent }) {
  const t = await getTranslations("timeline");
  const faultText = await getTranslations("fault");
  const format = await getFormatter();
  const { kind, version, keyName, tookMs, at } = event;
  const [tone, Icon] = APPEARANCE[kind];
  const fault = kind === "failed" ? toFault(event.error) : null;
  const code = fault?.subCode ?? fault?.code;
  const by = keyName === null ? t("byCall") : t("byKey", { key: keyName });
  return (
    <li className={classes.event} data-tone={tone}>
      <Icon size={16} aria-hidden className={classes.icon} />
      <span>
        <strong>{t(`event.${kind}`, { version })}</strong>
        {kind === "invalidated" && <> · {by}</>}
        {fault && <> · {faultWords(faultText, fault).title}</>}
        {code && (
          <>
            {" "}
            <code>{code}</code>
          </>
        )}
        {tookMs !== null && (
          <span className={classes.took}> · {t("took", { ms: format.number(tookMs) })}</span>
        )}
      </span>
      <DateTime at={at} isAbsolute />
    </li>
  );
}

/** Token events, newest first. */
export async function Timeline({ events }: { readonly events: readonly TokenEvent[] }) {
  const t = await getTranslations("timeline");
  return (
    <Card title={t("timeline")}>
      {events.length === 0 ? (
        <p style={{ margin: 0 }}>{t("noEvents")}</p>
      ) : (
        <ol className={classes.timeline}>
          {events.map((event) => (
            <Event key={event.id} event={event} />
          ))}
        </ol>
      )}
    </Card>
  );
}
