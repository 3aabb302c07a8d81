import { getFormatter, getTranslations } from "next-intl/server";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { Link } from "@/app/_components/navigation/link";
import { TableHead } from "@/app/_components/page/table-head";
import { RunChangeCounts } from "@/app/_components/status/run-facts";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { byUrgency } from "../attention";
import classes from "./app-list.module.css";
import type { AppRow } from "./load-apps";

type RowProps = { readonly organization: string; readonly app: AppRow };

/** The active sync's progress, or the last sync's outcome. */
async function LastSync({ app }: Omit<RowProps, "organization">) {
  const t = await getTranslations("app");
  const run = app.lastRun;
  if (!run) return t("never");
  if (run.finishedAt === null) return <LiveRunLine app={app.id} isShort />;
  return (
    <span className={classes.last}>
      {run.state !== "succeeded" && <StateBadge kind="run" state={run.state} />}
      <DateTime at={run.finishedAt} />
      {run.state === "succeeded" && <RunChangeCounts run={run} of="departments" />}
    </span>
  );
}

async function Row({ organization, app }: RowProps) {
  const t = await getTranslations("app");
  const format = await getFormatter();
  const expiresAt = app.token?.expiresAt;
  return (
    <tr>
      <th scope="row" className={classes.nameCell}>
        <Link href={`/o/${organization}/apps/${app.id}`} className={classes.name} dir="auto">
          {app.name}
        </Link>
      </th>
      <td className={classes.state}>
        <StateBadge kind="app" state={app.state} />
      </td>
      <td data-label={t("tokenExpiry")}>
        {expiresAt ? <DateTime at={expiresAt} /> : <span aria-hidden>–</span>}
      </td>
      <td data-label={t("lastSync")}>
        <LastSync app={app} />
      </td>
      <td data-label={t("departments")} className={classes.figure}>
        {format.number(app.summary.departments)}
      </td>
    </tr>
  );
}

const COLUMNS = ["name", "state", "tokenExpiry", "lastSync", "departments"] as const;
const FIGURES: ReadonlySet<string> = new Set(["departments"]);

type Props = { readonly organization: string; readonly apps: readonly AppRow[] };

/** The organization's apps, worst state first. Rows have two lines on a phone. */
export async function AppList({ organization, apps }: Props) {
  const t = await getTranslations("app");
  return (
    <table className={classes.table} data-steady>
      <TableHead columns={COLUMNS} figures={FIGURES} titleOf={t} />
      <tbody>
        {apps.toSorted(byUrgency).map((app) => (
          <Row key={app.id} organization={organization} app={app} />
        ))}
      </tbody>
    </table>
  );
}
