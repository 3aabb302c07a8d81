import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { TableHead } from "@/app/_components/page/table-head";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import type { ListedEvent } from "@/lib/events/queries";
import { EventType } from "./event-type";
import classes from "./events.module.css";

type Props = { readonly events: readonly ListedEvent[]; readonly base: string };

/** Objects that are named in a row. */
const SHOWN = 3;

async function Objects({ departmentIds, userIds }: Pick<ListedEvent, "departmentIds" | "userIds">) {
  const t = await getTranslations("events");
  const ids = [...departmentIds, ...userIds];
  return (
    <>
      {ids.slice(0, SHOWN).map((id) => (
        <code key={id} className={classes.object}>
          <bdi>{id}</bdi>
        </code>
      ))}
      {ids.length > SHOWN && (
        <span className={classes.dimmed}>{t("moreObjects", { n: ids.length - SHOWN })}</span>
      )}
    </>
  );
}

const COLUMNS = ["at", "type", "objects", "state"] as const;
const NO_FIGURES: ReadonlySet<string> = new Set();

/** Events, newest first. */
export async function EventTable({ events, base }: Props) {
  const t = await getTranslations("events");
  return (
    <table className={classes.table} data-steady>
      <TableHead columns={COLUMNS} figures={NO_FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td>
              <DateTime at={event.receivedAt} isAbsolute />
            </td>
            <th scope="row" className={classes.type}>
              <Link href={`${base}/${event.id}`}>
                <EventType type={event.type} />
              </Link>
            </th>
            <td>
              <Objects departmentIds={event.departmentIds} userIds={event.userIds} />
            </td>
            <td>
              <StateBadge kind="event" state={event.state} />
              {event.isLate && <span className={classes.dimmed}> {t("late")}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
