import { getTranslations } from "next-intl/server";
import { DateTime } from "@/app/_components/time/date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { EndSession } from "./end-session";
import { parseUserAgent } from "./parse-user-agent";
import classes from "./session-list.module.css";

type Session = {
  readonly id: string;
  readonly userAgent: string;
  readonly address: string;
  readonly lastSeenAt: Date;
  readonly createdAt: Date;
};

type Props = {
  readonly sessions: readonly Session[];
  /** Id of the current session. */
  readonly currentId: string;
};

type RowProps = {
  readonly session: Session;
  readonly isCurrent: boolean;
};

async function Row({ session: { id, userAgent, address, lastSeenAt, createdAt }, isCurrent }: RowProps) {
  const t = await getTranslations("account");
  const known = parseUserAgent(userAgent);
  const device = known
    ? t("device", { browser: t(`browser.${known.browser}`), system: t(`system.${known.system}`) })
    : t("unknownDevice");
  const lastSeen = <DateTime at={lastSeenAt} />;
  const since = <DateTime at={createdAt} isAbsolute />;
  return (
    <li className={classes.row}>
      <div>
        <div>{device}</div>
        <div className={classes.meta}>
          <span>{address}</span>
          <span>{t.rich("lastSeen", { time: () => lastSeen })}</span>
          <span>{t.rich("since", { time: () => since })}</span>
        </div>
      </div>
      {isCurrent ? (
        <span className={classes.badge}>{t("thisDevice")}</span>
      ) : (
        <EndSession id={id} device={device} />
      )}
    </li>
  );
}

/** The user's sessions, by device. */
export function SessionList({ sessions, currentId }: Props) {
  return (
    <>
      <TimeZoneNote />
      <ul className={classes.list}>
        {sessions.map((session) => (
          <Row key={session.id} session={session} isCurrent={session.id === currentId} />
        ))}
      </ul>
    </>
  );
}
